/// The group of what is beyond a rollup's `groupsMax`: each of its columns reads `(other)`, wherever groups are shown or recorded.
///
/// No group of events has that name, so that what was folded is never added to a group that somebody named like it: a value that is
/// `other` in one or more pairs of parentheses is kept with one pair more, and stays different from every other value.
public enum FoldedGroup {
    public static let name = "(other)"
    static let text: StaticString = "(other)"
    static let core: StaticString = "other"

    /// Whether a value has to be kept with one pair of parentheses more.
    @inline(__always)
    static func resembles(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count >= text.utf8CodeUnitCount, unsafe bytes[0] == UInt8(ascii: "(") else { return false }
        return unsafe isCoreInParentheses(bytes)
    }

    @inline(never)
    private static func isCoreInParentheses(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let coreCount = core.utf8CodeUnitCount
        guard (bytes.count - coreCount) % 2 == 0, let base = bytes.baseAddress else { return false }
        let pairs = (bytes.count - coreCount) / 2
        guard unsafe equalBytes(base + pairs, UnsafeRawPointer(core.utf8Start), count: coreCount) else { return false }
        for place in 0..<pairs {
            guard unsafe bytes[place] == UInt8(ascii: "("), unsafe bytes[bytes.count - 1 - place] == UInt8(ascii: ")")
            else { return false }
        }
        return true
    }

    /// A name as it is shown where `(other)` represents several.
    public static func escaped(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let isTaken = unsafe bytes.withUnsafeBytes { unsafe resembles($0) }
        return isTaken ? "(\(name))" : name
    }
}
