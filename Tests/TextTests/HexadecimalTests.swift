import Testing
import Text

@Suite struct HexadecimalTests {
    @Test func whatIsWrittenIsReadAndNothingElse() {
        let bytes = (UInt8.min...UInt8.max).map(\.self)
        #expect(Hexadecimal.bytes(Hexadecimal.text(bytes)) == bytes)
        #expect(Hexadecimal.text([0, 15, 16, 255]) == "000f10ff")
        #expect(Hexadecimal.bytes("")?.isEmpty == true)
        for text in ["0", "0A", "0g", "g0", " 0", "0:", "０0", "é"] {
            #expect(Hexadecimal.bytes(text) == nil, "\(text)")
        }
    }
}
