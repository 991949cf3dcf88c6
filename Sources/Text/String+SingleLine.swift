extension String {
    /// The text on one line, fit for a terminal: without anything that would begin a new line, move the cursor, change what
    /// is on the screen, or turn the direction of writing.
    ///
    /// Names in records are chosen by whoever sends a request. Such characters become their escapes, `\u{1B}`, so that
    /// they can be seen.
    public var singleLine: String {
        if unicodeScalars.allSatisfy(\.isHarmless) { return self }
        return unicodeScalars.map { $0.isHarmless ? String($0) : $0.escape }.joined()
    }
}

extension Unicode.Scalar {
    fileprivate var isHarmless: Bool {
        if (0x20..<0x7F).contains(value) { return true }
        switch properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: return false
        // Joins parts of scripts and of pictures; all others turn the direction of writing, or hide.
        case .format: return self == "\u{200D}" || self == "\u{200C}"
        default: return true
        }
    }

    fileprivate var escape: String {
        let escape = escaped(asASCII: true)
        return escape == String(self) ? "\\u{\(String(value, radix: 16, uppercase: true))}" : escape
    }
}
