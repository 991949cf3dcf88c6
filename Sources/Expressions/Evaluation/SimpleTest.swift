import TelemetryModel

/// One test of a field against a constant: what most filters are made of, run without the interpreter.
///
/// Each says whether the expression it represents is true, an error counting as not true.
struct SimpleTest: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        case isThere
        case isNotThere
        /// The field is the text `offset..<offset + length` of the literals.
        case isText
        case isNotText
        case startsWith
        case endsWith
        /// The field is the integer `number`.
        case isInteger
        case isNotInteger
        /// The field, being an integer, is above or below `number`.
        case isAbove
        case isBelow
        case isTrue
    }

    var kind: Kind
    var slot: Int32
    var offset: Int32 = 0
    var length: Int32 = 0
    var number: Int64 = 0

    /// `nil` where the field's type calls for the whole of CEL's rules.
    @inline(__always)
    func passes(_ event: borrowing EventView, _ literals: RawSpan) -> Bool? {
        let field = event.slots[Int(slot)]
        switch kind {
        case .isThere: return field.kind != .absent
        case .isNotThere: return field.kind == .absent
        case .isText:
            guard field.isText, field.length == Int(length) else { return false }
            return event.bytes(of: field).isEqual(to: literal(literals))
        case .isNotText:
            if field.kind == .absent { return false }
            guard field.isText, field.length == Int(length) else { return true }
            return !event.bytes(of: field).isEqual(to: literal(literals))
        case .startsWith:
            return field.isText && event.bytes(of: field).hasPrefix(literal(literals))
        case .endsWith:
            return field.isText && event.bytes(of: field).hasSuffix(literal(literals))
        case .isInteger:
            return field.kind == .integer ? field.integerValue == number : field.kind == .absent ? false : nil
        case .isNotInteger:
            return field.kind == .integer ? field.integerValue != number : field.kind == .absent ? false : nil
        case .isAbove:
            return field.kind == .integer ? field.integerValue > number : field.kind == .absent ? false : nil
        case .isBelow:
            return field.kind == .integer ? field.integerValue < number : field.kind == .absent ? false : nil
        case .isTrue:
            return field.kind == .bool && field.boolValue
        }
    }

    @inline(__always)
    @_lifetime(copy literals)
    private func literal(_ literals: RawSpan) -> RawSpan {
        literals.extracting(Int(offset)..<Int(offset &+ length))
    }
}
