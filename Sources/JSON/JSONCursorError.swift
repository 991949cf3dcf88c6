/// Why bytes could not be read with a `JSONCursor`, and where.
public struct JSONCursorError: Error, Sendable, Equatable {
    /// Bytes before the fault.
    public var offset: Int
    public var reason: Reason

    public enum Reason: Sendable, Equatable {
        /// The text ends in the middle of a value.
        case endOfInput
        /// Something else stands where this should: "a string", "a comma or the array's end".
        case expected(String)
        /// The next member should have had this name.
        case missingKey(String)
        case invalidNumber
        /// A number that does not fit the type asked for.
        case outOfRange
        case invalidUTF8
        case invalidEscape
        /// A byte below 0x20 inside a string.
        case controlCharacter
        /// More than `JSONCursor.nestingMax` containers inside each other.
        case tooDeep
        /// Something follows the value.
        case trailingBytes
        /// JSON, but nothing that the reader can take; what it expected.
        case refused(expected: String)
        /// A record of our own of a version above the newest that is known here.
        case newerVersion(Int, newest: Int)
    }

    public init(offset: Int, reason: Reason) {
        self.offset = offset
        self.reason = reason
    }
}

extension JSONCursorError: CustomStringConvertible {
    public var description: String {
        let text =
            switch reason {
            case .endOfInput: "the text ends too early"
            case .expected(let what): "expected \(what)"
            case .missingKey(let key): "expected the member '\(key)'"
            case .invalidNumber: "a number that is no JSON number"
            case .outOfRange: "a number that is out of range"
            case .invalidUTF8: "a string that is not UTF-8"
            case .invalidEscape: "an escape that JSON does not have"
            case .controlCharacter: "a control character inside a string"
            case .tooDeep: "more than \(JSONCursor.nestingMax) containers inside each other"
            case .trailingBytes: "more text after the value"
            case .refused(let what): "expected \(what)"
            case .newerVersion(let version, let newest):
                "the record is of version \(version), and this release of Tidewatch reads up to version "
                    + "\(newest); a newer release wrote it, and reads it"
            }
        if case .newerVersion = reason { return text }
        return "at byte \(offset): \(text)"
    }
}
