import JSON
import Testing

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
}
