import Foundation
import Statistics
import Testing

@testable import Decoding

@Suite struct JSONReaderTests {
    static func error(_ text: [UInt8], nestingMax: Int = 128) -> JSONError? {
        do throws(JSONError) {
            let bytes = unsafe text.span.bytes
            var reader = JSONReader(bytes, nestingMax: nestingMax)
            try reader.skipValue()
            try reader.end()
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        ("{\"a\":1,}", JSONError(.expectedKey, at: 7)), ("[1,]", JSONError(.expectedValue, at: 3)),
        ("[1 2]", JSONError(.expectedCommaOrEnd, at: 3)), ("{\"a\" 1}", JSONError(.expectedColon, at: 5)),
        ("\"\u{1}\"", JSONError(.controlCharacter, at: 1)), ("\"\\x\"", JSONError(.invalidEscape, at: 1)),
        ("01", JSONError(.invalidNumber, at: 1)), ("1.", JSONError(.truncated, at: 2)),
        ("tru", JSONError(.truncated, at: 3)), ("trux", JSONError(.invalidLiteral, at: 0)),
        ("[1}", JSONError(.expectedCommaOrEnd, at: 2)), ("{\"a\":1]", JSONError(.expectedCommaOrEnd, at: 6)),
        ("1 1", JSONError(.trailingBytes, at: 2)), ("", JSONError(.truncated, at: 0)),
        ("truefalse", JSONError(.invalidLiteral, at: 0)), ("[\"\\u12\"]", JSONError(.invalidEscape, at: 2)),
    ])
    func whatIsWrongIsSaidWithItsPlace(text: String, expected: JSONError) {
        #expect(Self.error(Array(text.utf8)) == expected)
    }

    @Test func invalidUTF8IsFoundInKeysAndSkippedText() {
        for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82]] {
            #expect(Self.error([0x7B, 0x22] + bad + Array("\":1}".utf8))?.code == .invalidUTF8)
            #expect(Self.error(Array("[[\"".utf8) + bad + Array("\"]]".utf8))?.code == .invalidUTF8)
        }
    }

    @Test func nestingStopsAtTheLimitWithoutRecursion() {
        let open = [UInt8](repeating: 0x5B, count: 1_000_000)
        #expect(Self.error(open)?.code == .nestingTooDeep)
        let atLimit = [UInt8](repeating: 0x5B, count: 10) + [UInt8](repeating: 0x5D, count: 10)
        #expect(Self.error(atLimit, nestingMax: 10) == nil)
        #expect(Self.error(atLimit, nestingMax: 9) == JSONError(.nestingTooDeep, at: 9))
    }

    @Test func numbersKeepTheirValueOrAreRefused() throws {
        func int(_ text: String) throws -> Int64 {
            let bytes = Array(text.utf8)
            let span = unsafe bytes.span.bytes
            var reader = JSONReader(span)
            return try reader.int64()
        }
        func double(_ text: String) throws -> Double {
            let bytes = Array(text.utf8)
            let span = unsafe bytes.span.bytes
            var reader = JSONReader(span)
            return try reader.double()
        }
        #expect(try int("-9223372036854775808") == .min)
        #expect(try int("9223372036854775807") == .max)
        #expect(throws: JSONError(.outOfRange, at: 0)) { try int("9223372036854775808") }
        #expect(throws: JSONError(.notAnInteger, at: 0)) { try int("1.0") }
        #expect(throws: JSONError(.outOfRange, at: 0)) { try double("1e309") }
        #expect(try double("-0").sign == .minus)
        #expect(try double("1e-400") == 0)
        #expect(try double("4.9e-324") == .leastNonzeroMagnitude)
        #expect(try double("1.7976931348623157e308") == .greatestFiniteMagnitude)
        #expect(try double("0." + String(repeating: "0", count: 400) + "1e401") == 1)
    }

    @Test func doublesAreTheNearestOnes() throws {
        let seed: UInt64 = 20_261_121
        print("doublesAreTheNearestOnes: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<20_000 {
            let digits = String(
                UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0...60, using: &generator))
            var text = digits
            if Bool.random(using: &generator), digits.count > 1 {
                text.insert(
                    ".", at: text.index(text.startIndex, offsetBy: Int.random(in: 1..<digits.count, using: &generator)))
            }
            if Bool.random(using: &generator) { text += "e\(Int.random(in: -330...290, using: &generator))" }
            let bytes = Array(text.utf8)
            let span = unsafe bytes.span.bytes
            let value = try span.number(at: 0, isDouble: true).doubleValue
            #expect(value.bitPattern == Double(text)!.bitPattern, "\(text)")
        }
    }

    @Test func integersOfAnyLengthAreExact() throws {
        var generator = SeededGenerator(seed: 8)
        for _ in 0..<20_000 {
            let magnitude =
                UInt64.random(in: 0...UInt64.max, using: &generator) >> UInt64.random(in: 0...63, using: &generator)
            let number = (Bool.random(using: &generator) ? "-" : "") + String(magnitude)
            let bytes = Array((number + ["", ",9", "}", " 5", "\n"].randomElement(using: &generator)!).utf8)
            let span = unsafe bytes.span.bytes
            let value = try span.number(at: 0, isDouble: false)
            if let expected = Int64(number) {
                #expect(value.kind == .integer && value.integerValue == expected, "\(number)")
            } else {
                #expect(value.kind == .double && value.doubleValue == Double(number)!, "\(number)")
            }
        }
    }

    /// Foundation takes `[1,]` and `{"a":1,}`, which RFC 8259 forbids.
    private func isAfterTrailingComma(_ error: JSONError, _ bytes: [UInt8]) -> Bool {
        guard error.code == .expectedValue || error.code == .expectedKey, error.offset < bytes.count,
            bytes[error.offset] == 0x5D || bytes[error.offset] == 0x7D
        else { return false }
        return bytes[..<error.offset].last { !JSONByte.isWhiteSpace($0) } == 0x2C
    }

    /// Foundation refuses numbers beyond a double's range, which RFC 8259 allows; reading one as a double does, too.
    private func hasHugeExponent(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(/[0-9][eE][-+]?[0-9]{3,}/)
    }

    /// Foundation refuses half of a surrogate pair, which is no character and which RFC 8259's grammar allows.
    private func hasLoneSurrogate(_ bytes: [UInt8]) -> Bool {
        String(decoding: bytes, as: UTF8.self).contains(/\\u[dD][89a-fA-F]/)
    }

    @Test func agreesWithFoundationOnDamagedText() {
        let seed: UInt64 = 42
        print("agreesWithFoundationOnDamagedText: seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        var valid = 0
        for _ in 0..<30_000 {
            let bytes = JSONFuzz.mutated(&generator)
            let ours = Self.error(bytes)
            let theirs = JSONFuzz.isValidByFoundation(bytes)
            valid += ours == nil ? 1 : 0
            if ours == nil, !theirs, hasHugeExponent(bytes) || hasLoneSurrogate(bytes) { continue }
            if let ours, theirs, isAfterTrailingComma(ours, bytes) { continue }
            #expect((ours == nil) == theirs, "\(String(decoding: bytes, as: UTF8.self)) \(String(describing: ours))")
        }
        #expect(valid > 3000)
    }

    @Test func escapedKeysAndTextMeanTheirCharacters() throws {
        let bytes = Array(#"{"\u0065vent\u0054ime":"a\ud83d\ude00\n\/"}"#.utf8)
        let span = unsafe bytes.span.bytes
        var reader = JSONReader(span)
        try reader.beginObject()
        guard let key = try reader.nextKey() else {
            Issue.record("no key")
            return
        }
        let (isWhole, isPart) = (reader.isEqual(key, "eventTime"), reader.isEqual(key, "eventTim"))
        #expect(isWhole && !isPart)
        let value = try reader.string()
        let text = reader.text(value)
        #expect(text == "a😀\n/")
        let isAtEnd = try reader.nextKey() == nil
        #expect(isAtEnd)
    }
}
