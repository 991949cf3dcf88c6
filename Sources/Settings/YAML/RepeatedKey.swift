/// Renames a repeated key of a block mapping, so that a parser that stops at repeated keys goes on past it.
///
/// The new name is the old one with a private-use scalar at its end, which no configuration holds; the reader of the
/// document knows it by that and reports the key at its own place.
enum RepeatedKey {
    private static let mark: Unicode.Scalar = "\u{F8FE}"

    /// The name before it was renamed; `nil` when it was not.
    static func original(of key: String) -> String? {
        guard key.unicodeScalars.last == mark else { return nil }
        return String(key.unicodeScalars.filter { $0 != mark })
    }

    /// The text with the second `key` of the block mapping renamed whose first stands at `first`; `nil` when it is not
    /// found, as in a flow mapping.
    static func renamed(_ key: String, firstAt first: SourceMark, in text: String) -> String? {
        var lines = text.split(separator: "\n" as Unicode.Scalar)
        guard !key.isEmpty, first.line < lines.count else { return nil }
        let indent = first.column - 1
        for index in first.line..<lines.count {
            let line = lines[index].unicodeScalars
            let blanks = line.prefix { $0 == " " }.count
            let rest = line.dropFirst(blanks)
            guard let head = rest.first, head != "#" else { continue }
            if blanks < indent { return nil }
            guard blanks == indent, rest.starts(with: key.unicodeScalars) else { continue }
            let after = rest.dropFirst(key.unicodeScalars.count)
            guard after.drop(while: { $0 == " " }).first == ":" else { continue }
            var renamed = String.UnicodeScalarView(line.prefix(blanks))
            renamed.append(contentsOf: key.unicodeScalars)
            // One more mark for each key renamed before, so that the new names differ from one another too.
            let renamedBefore = text.unicodeScalars.count { $0 == mark }
            for _ in 0...renamedBefore { renamed.append(mark) }
            renamed.append(contentsOf: after)
            lines[index] = Substring(String(renamed))
            return lines.joined(separator: "\n")
        }
        return nil
    }
}

extension String {
    /// Splits at a scalar, so that "\r\n", one character to Swift, is still split at its second half.
    fileprivate func split(separator: Unicode.Scalar) -> [Substring] {
        unicodeScalars.split(separator: separator, omittingEmptySubsequences: false).map { Substring($0) }
    }
}
