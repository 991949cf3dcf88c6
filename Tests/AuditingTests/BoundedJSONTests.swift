import Foundation
import Statistics
import Testing

@testable import Auditing

@Suite struct JSONTextTests {
    func copy(_ text: String, max: Int = 1 << 20) -> (text: String, wasCut: Bool) {
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        let wasCut = BoundedJSON.append(json: source.span.bytes, 0..<source.count, max: max, to: &bytes)
        return (String(decoding: bytes, as: UTF8.self), wasCut)
    }

    @Test(arguments: [
        (" { \"a\" : [ 1 , true , null ] }\n", #"{"a":[1,true,null]}"#),
        (#""\ud83d\ude00 \u00e9 \n \" \\""#, #""\ud83d\ude00 \u00e9 \n \" \\""#),
        (#""a\ud83d""#, "\"a\u{FFFD}\""),
        (#""\ud83d\ud83d\ude00""#, "\"\u{FFFD}\\ud83d\\ude00\""),
        (#""\ude00b\ud83dx""#, "\"\u{FFFD}b\u{FFFD}x\""),
        (#""\ud83d\n""#, "\"\u{FFFD}\\n\""),
        (#"{"k\ud83d":1}"#, "{\"k\u{FFFD}\":1}"),
        ("\"a\u{01}\"", #""a\u0001""#),
        ("\"\u{7F}\u{9B}é\u{202E}\u{E0041}\"", #""\u007f\u009bé\u202e\udb40\udc41""#),
        ("{\"\u{9B}\":1}", #"{"\u009b":1}"#),
        ("-12.5e3", "-12.5e3"), ("true", "true"),
    ])
    func textIsCopiedAsOneValidLine(text: String, expected: String) {
        #expect(copy(text).text == expected && !copy(text).wasCut)
    }

    @Test func whatIsLeftOutIsMarkedWhereItWas() {
        #expect(copy(#"{"a":1,"b":2,"c":3}"#, max: 10) == (#"{"a":1,"b":2,"…":7}"#, true))
        #expect(copy(#"[[1,2,3,4,5,6,7,8],9]"#, max: 6) == (#"[[1,2,3,"…"]]"#, true))
        let long = String(repeating: "é", count: 5000)
        let cut = copy("{\"a\":\"\(long)\",\"b\":1}", max: 1000)
        #expect(cut.wasCut && cut.text.hasSuffix("é…\",\"…\":7}"))
        #expect(copy(String(repeating: "9", count: 2000)).text == "\"\(String(repeating: "9", count: 63))…\"")
    }

    @Test func cutTextIsValidWhereverItIsCut() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        print("JSON text seed: \(seed)")
        for _ in 0..<300 {
            let event = MadeUpEvents.make(&random)
            let max = Int.random(in: 0...event.utf8.count, using: &random)
            let (text, wasCut) = copy(event, max: max)
            _ = try JSONDecoder().decode(JSONValue.self, from: Data(text.utf8))
            #expect(text.utf8.count <= max + 4096 + 600, "\(seed)")
            if max >= event.utf8.count { #expect(!wasCut) }
        }
    }

    @Test func containersDeeperThanAnyDecoderTakesAreCut() throws {
        let text = String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        let (copied, wasCut) = copy(text)
        #expect(wasCut)
        _ = try JSONSerialization.jsonObject(with: Data(copied.utf8))
    }

    @Test func textThatIsNotJSONEndsSomewhere() {
        for text in ["", "\"", "\"\\", "\"\\u", "\"\\ud83d\\", "]", "{]", "[", "{\"a", ",", ":", "\"\\u12\""] {
            _ = copy(text)
        }
    }
}
