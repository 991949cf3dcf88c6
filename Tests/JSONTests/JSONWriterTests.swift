import JSON
import Testing
import Text

@Suite struct JSONWriterTests {
    @Test func commasStandBetweenWhateverIsWritten() {
        var json = JSONWriter(appendingTo: Array("> ".utf8))
        json.beginObject()
        json.key(literal: "a")
        json.string(literal: "b")
        json.key { $0 += Array(#""c":"#.utf8) }
        json.value { $0 += Array("[1]".utf8) }
        json.key(literal: "d")
        json.beginArray()
        json.bool(true)
        json.null()
        json.double(.infinity)
        json.endArray()
        json.member("e", 5)
        json.endObject()
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"> {"a":"b","c":[1],"d":[true,null,null],"e":5}"#)
    }

    @Test func integersAreWrittenAsTheyRead() {
        var json = JSONWriter()
        json.beginArray()
        for value in [0, -1, 9, 10, 1_234_567, Int64.max, Int64.min] { json.integer(value) }
        json.integer(UInt64.max)
        json.integer(Int128.min)
        json.endArray()
        let expected =
            "[0,-1,9,10,1234567,9223372036854775807,-9223372036854775808,18446744073709551615,"
            + "-170141183460469231731687303715884105728]"
        #expect(String(decoding: json.bytes, as: UTF8.self) == expected)
    }

    @Test func whatIsTakenBackLeavesNoTrace() {
        var json = JSONWriter()
        json.beginObject()
        let empty = json.mark
        json.key("gone")
        json.beginObject()
        json.goBack(to: empty)
        json.member("a", 1)
        let after = json.mark
        json.member("b", "gone too")
        json.goBack(to: after)
        json.endObject()
        #expect(String(decoding: json.bytes, as: UTF8.self) == #"{"a":1}"#)
    }

    @Test func stringsAreEscapedAsFarAsTheyMustBe() {
        let text = "a\"\\/\n\r\t\u{1}\u{1F}é😀\u{7F}"
        var (one, other): ([UInt8], [UInt8]) = ([], [])
        JSONWriter.append(string: text, to: &one)
        JSONWriter.append(string: Array(text.utf8), to: &other)
        #expect(one == other)
        #expect(String(decoding: one, as: UTF8.self) == #""a\"\\/\n\r\t\u0001\u001fé😀"# + "\u{7F}\"")
    }

    @Test(arguments: [
        ("", ""), ("{\"a\":\"é日😀\"}", "{\"a\":\"é日😀\"}"),
        ("\"\u{7F}\u{9B}31m\u{202E}\u{E0041}\u{FEFF}\"", #""\u007f\u009b31m\u202e\udb40\udc41\ufeff""#),
        (#""\u001b""#, #""\u001b""#),
    ])
    func documentsForPeopleHoldNoActiveCharacters(document: String, shown: String) throws {
        let made = Inert.json(Array(document.utf8))
        #expect(String(decoding: made, as: UTF8.self) == shown)
        guard !document.isEmpty, document.first == "\"" else { return }
        var (before, after) = (JSONCursor(Array(document.utf8)), JSONCursor(made))
        let text = try before.string()
        #expect(try after.string() == text)
    }

    @Test func anActiveCharacterIsFoundWhereverItIs() {
        for place in 0..<20 {
            for (character, shown) in [("\u{7F}", "\\u007f"), ("\u{9B}", "\\u009b"), ("~", "~")] {
                let (before, after) = (String(repeating: "~", count: place), String(repeating: "z", count: 19 - place))
                let made = Inert.json(Array((before + character + after).utf8))
                #expect(String(decoding: made, as: UTF8.self) == before + shown + after)
            }
        }
    }

    @Test func whatIsNoUTF8IsLeftAsItIs() {
        for bytes: [UInt8] in [
            [0x22, 0xC2], [0x80, 0xC2, 0x22], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xFF],
        ] {
            #expect(Inert.json(bytes) == bytes)
        }
    }
}
