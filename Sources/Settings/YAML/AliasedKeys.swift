/// Finds a mapping key that is, or holds, an alias.
///
/// The parser hashes every key of a mapping to find repeated ones. A value of nested aliases costs nothing to compose,
/// but as a key it would be expanded by the hash: ten lines of text could take years. No configuration needs such a
/// key, so it is refused by looking at the text. The look is coarse, so it applies only to documents with more aliases
/// than any harmless expansion has: with 20 aliases the largest product of references is below 2,000.
enum AliasedKeys {
    static let harmlessAliasesMax = 20

    /// The line, from 1, of the first key that may hold an alias; `nil` when there is none.
    static func firstLine(in text: String) -> Int? {
        let bytes = Array(text.utf8)
        var aliases = 0
        var firstLine: Int?
        var line = 1
        // The last byte of this line that was no blank.
        var previous: UInt8?
        // Whether the name being passed began with an asterisk.
        var isInAlias = false
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case 0x0A:
                line += 1
                previous = nil
                isInAlias = false
                continue
            case 0x20, 0x09, 0x0D:
                continue
            case 0x2A:
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
                isInAlias = isNameByte(next)
                if isInAlias { aliases += 1 }
            case 0x3F:
                let next = index + 1 < bytes.count ? bytes[index + 1] : 0x20
                let opensKey = previous == nil || [0x2D, 0x3F, 0x3A, 0x7B, 0x5B, 0x2C].contains(previous)
                if opensKey, next == 0x20 || next == 0x09 || next == 0x0A || next == 0x0D {
                    firstLine = firstLine ?? line
                }
            case 0x3A:
                if isInAlias || previous == 0x5D || previous == 0x7D { firstLine = firstLine ?? line }
                isInAlias = false
            default:
                if !isNameByte(byte) { isInAlias = false }
            }
            previous = byte
        }
        return aliases > harmlessAliasesMax ? firstLine : nil
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            || byte == 0x5F || byte == 0x2D
    }
}
