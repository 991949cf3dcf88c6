/// Which definition of an objective something was counted by: source, filters, measures, threshold, slices.
///
/// History belongs to it: a changed definition begins a new one. 64 bits tell the definitions of one objective apart, which are
/// a handful; nothing is looked up by them alone.
public struct DefinitionFingerprint: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Reads its `description`; `nil` for anything else.
    public init?(_ text: String) {
        let digits = Array(text.utf8)
        let isHexadecimal = digits.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
        guard digits.count == 16, isHexadecimal, let value = UInt64(text, radix: 16) else { return nil }
        rawValue = value
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(rawValue, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
