import TelemetryModel

/// What is wrong with JSON text, and where. No part of the text is in it.
public struct JSONError: Error, Equatable, Sendable {
    public enum Code: UInt8, CaseIterable, Sendable {
        /// The text ends inside a value.
        case truncated
        case expectedValue
        case expectedObject
        case expectedArray
        case expectedString
        case expectedNumber
        case expectedBool
        case expectedNull
        case expectedKey
        case expectedColon
        case expectedCommaOrEnd
        case invalidLiteral
        case invalidNumber
        case invalidEscape
        case controlCharacter
        case invalidUTF8
        case nestingTooDeep
        /// The number does not fit the type asked for.
        case outOfRange
        /// The number has a fraction or an exponent where an integer is needed.
        case notAnInteger
        /// Something other than white space follows the value.
        case trailingBytes
    }

    public let code: Code
    /// In bytes, from the start of the text that the reader was given.
    public let offset: Int

    public init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    /// The dead letter's code for a record that failed this way.
    public var reason: RejectionReason {
        switch code {
        case .truncated: .truncated
        case .invalidUTF8: .invalidUTF8
        case .nestingTooDeep: .nestingTooDeep
        case .outOfRange: .outOfRange
        case .expectedObject, .expectedArray, .expectedString, .expectedNumber, .expectedBool, .expectedNull,
            .notAnInteger:
            .invalidField
        default: .invalidJSON
        }
    }

    /// A sentence fragment for the dead letter's `detail`.
    public var detail: String {
        switch code {
        case .truncated: "the text ends inside a JSON value"
        case .expectedValue: "expected a JSON value"
        case .expectedObject: "expected a JSON object"
        case .expectedArray: "expected a JSON array"
        case .expectedString: "expected a JSON string"
        case .expectedNumber: "expected a JSON number"
        case .expectedBool: "expected true or false"
        case .expectedNull: "expected null"
        case .expectedKey: "expected a key in double quotes"
        case .expectedColon: "expected ':' after a key"
        case .expectedCommaOrEnd: "expected ',' or the closing bracket"
        case .invalidLiteral: "a word other than true, false and null"
        case .invalidNumber: "a number that JSON's grammar does not allow"
        case .invalidEscape: "an escape sequence that JSON does not know"
        case .controlCharacter: "an unescaped control character"
        case .invalidUTF8: "bytes that are not UTF-8"
        case .nestingTooDeep: "nested deeper than the limit"
        case .outOfRange: "a number outside the range of its field"
        case .notAnInteger: "expected an integer"
        case .trailingBytes: "bytes after the end of the JSON value"
        }
    }
}
