import JSON
import Testing

@Suite struct JSONWalkTests {
    private func members(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        func part(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        var found: [String] = []
        bytes.span.bytes.forEachMember(of: 0..<bytes.count) { found.append("\(part($0))=\(part($1))") }
        return found
    }

    private func elements(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var found: [String] = []
        bytes.span.bytes.forEachElement(of: 0..<bytes.count) {
            found.append(String(decoding: bytes[$0], as: UTF8.self))
        }
        return found
    }

    @Test func valuesAreGivenByTheirPlaces() {
        #expect(
            members(#" { "a" : [1, {"b":"]"}] , "c\"d":"x\\", "":null,"t":true,"f":false,"n":-1.5e+3}"#)
                == [#"a=[1, {"b":"]"}]"#, #"c\"d="x\\""#, "=null", "t=true", "f=false", "n=-1.5e+3"])
        #expect(elements("[ ] ") == [] && members("{}") == [] && members("[1]") == [] && elements("{\"a\":1}") == [])
        #expect(elements(#"[1 ,"a,b",[[]],{}]"#) == ["1", #""a,b""#, "[[]]", "{}"])
    }

    @Test func aTokenSaysWhatItIs() {
        let bytes = Array(#"["a","\n",{},true,false,null,7]"#.utf8)
        var walk = JSONWalk(bytes.span.bytes, in: 0..<bytes.count)
        var kinds: [JSONWalk.Token.Kind] = []
        let isArray = walk.take(UInt8(ascii: "["))
        #expect(isArray)
        while walk.hasNext(), let token = walk.value() { kinds.append(token.kind) }
        #expect(kinds == [.string, .escapedString, .container, .true, .false, .null, .number])
    }

    @Test func aStringEndsAtItsQuoteWhereverThatLies() {
        let pieces = [
            "", "a", #"\""#, #"\\"#, "\u{A2}",
            "\u{22}".unicodeScalars.map { "\\u00\(String($0.value, radix: 16))" }.joined(),
        ]
        for length in 0..<24 {
            for place in 0...length {
                for piece in pieces {
                    let text =
                        String(repeating: "x", count: place) + piece + String(repeating: "y", count: length - place)
                    #expect(members("{\"\(text)\":\"\(text)\",\"k\":1}") == ["\(text)=\"\(text)\"", "k=1"])
                    let bytes = Array("[\"\(text)\"]".utf8)
                    var walk = JSONWalk(bytes.span.bytes, in: 0..<bytes.count)
                    _ = walk.take(UInt8(ascii: "["))
                    let kind = walk.value()?.kind
                    #expect(kind == (piece.hasPrefix("\\") ? .escapedString : .string), "\(text)")
                    // A string that doesn't end within the range is none, whatever lies behind.
                    for end in 1..<(bytes.count - 1) {
                        var cut = JSONWalk(bytes.span.bytes, in: 1..<end)
                        let token = cut.string()
                        #expect(token == nil && cut.place <= end, "\(text) up to \(end)")
                    }
                }
            }
        }
    }

    @Test func textThatIsNotJSONEndsTheWalk() {
        for text in [
            "", "[", "[1", "[\"a", "[\"a\\", "{\"a\"", "{\"a\":", "[}", "[,", "{\"a\":}", "[[", "[\"\\\"", "]", "[t",
            "[x",
        ] {
            let bytes = Array(text.utf8)
            bytes.span.bytes.forEachElement(of: 0..<bytes.count) { #expect($0.upperBound <= bytes.count) }
            bytes.span.bytes.forEachMember(of: 0..<bytes.count) { #expect($0.upperBound <= $1.lowerBound) }
            // A range that promises more than there is reads no more.
            bytes.span.bytes.forEachElement(of: 0..<(bytes.count + 9)) { #expect($0.upperBound <= bytes.count) }
        }
    }
}
