import Text
import Testing

@Suite struct ShortTextTests {
    @Test func textThatFitsIsLeftAlone() {
        #expect(ShortText.cut("0123456789abcdef", bytesMax: 16) == "0123456789abcdef")
        #expect(ShortText.cut("", bytesMax: 16) == "")
    }

    @Test func longerTextIsCutBetweenCharactersAndMarked() {
        #expect(ShortText.cut("0123456789abcdefg", bytesMax: 16) == "0123456789abc…")
        for padding in 0..<4 {
            let text = String(repeating: "a", count: padding) + String(repeating: "😀", count: 400)
            let cut = ShortText.cut(text, bytesMax: 512)
            #expect(cut.utf8.count <= 512)
            #expect(cut.utf8.count > 505)
            #expect(cut.hasSuffix("…"))
            #expect(text.hasPrefix(String(cut.dropLast())))
        }
    }

    @Test func bytesThatAreNoTextAreCutAnywhere() {
        let bytes = [UInt8](repeating: 0x80, count: 100)
        #expect(ShortText.boundary(of: bytes, before: 50) == 50)
        #expect(ShortText.boundary(of: bytes, before: 200) == 100)
        #expect(ShortText.boundary(of: bytes, before: -1) == 0)
    }
}
