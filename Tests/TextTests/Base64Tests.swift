import Foundation
import Statistics
import Testing

@testable import Text

@Suite struct Base64Tests {
    private func decoded(_ text: String) -> [UInt8]? {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        return Base64.decode(bytes.span.bytes, into: &output) == nil ? output : nil
    }

    private func loose(_ text: String, broken: Bool = true) -> [UInt8]? {
        var output: [UInt8] = [1]
        let bytes = Array(text.utf8)
        return Base64.decodeLoose(bytes.span.bytes, broken: broken, into: &output) ? output : nil
    }

    @Test(arguments: [1, 2] as [UInt64])
    func anyBytesReadBackAndAreWrittenAsFoundationDoes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for count in 0..<200 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let text = String(decoding: Base64.encode(bytes), as: UTF8.self)
            #expect(text == Data(bytes).base64EncodedString())
            #expect(decoded(text) == bytes && loose(text) == bytes)
        }
    }

    @Test(arguments: [("a", 1), ("aaa", 3), ("a*==", 1), ("aaaa*aaa", 4), ("====", 0), ("aa=a", 2), ("YQ==YQ==", 2)])
    func theFaultsPlaceIsGiven(text: String, offset: Int) {
        var output: [UInt8] = []
        let bytes = Array(text.utf8)
        let found = Base64.decode(bytes.span.bytes, into: &output)
        #expect(found == offset)
    }

    @Test func otherFormsThatMeanOneThingAreRead() {
        #expect(loose("YWJj\r\nZGU") == Array("abcde".utf8))
        #expect(loose("YWJj\nZGU=", broken: false) == nil)
        #expect(loose("-_-_") == decoded("+/+/"))
        #expect(loose("YQ") == [0x61] && loose("YQ=") == nil && loose("Y") == nil && loose("=") == nil)
        #expect(loose("") == [] && loose("==") == nil)
    }

    @Test func sixBitsAreDigits() {
        let all = (0..<64).map { UInt8($0) }
        let digits = Base64.digits(ofSixBits: all)
        #expect(Base64.sixBits(ofDigits: digits) == all)
        #expect(Base64.sixBits(ofDigits: digits + [0x3D]) == nil)
        #expect(decoded(String(decoding: digits, as: UTF8.self))?.count == 48)
    }
}
