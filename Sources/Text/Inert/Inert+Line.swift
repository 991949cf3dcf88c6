extension Inert {
    /// One line for a terminal, a text log or an error message: active characters become their escapes, `\u{1B}`, so that
    /// they can be seen.
    public static func line(_ text: String) -> String {
        if isPrintableASCII(text) || !text.unicodeScalars.contains(where: \.isActive) { return text }
        var line = ""
        for scalar in text.unicodeScalars {
            if scalar.isActive { line += escape(scalar) } else { line.unicodeScalars.append(scalar) }
        }
        return line
    }

    /// One line of words, for what people are sent: control characters and ends of lines become blanks, and format characters
    /// U+FFFD. It is no longer than the text, in code points.
    public static func blanked(_ text: String) -> String {
        if isPrintableASCII(text) { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            line.append(!scalar.isActive ? scalar : scalar.properties.generalCategory == .format ? "\u{FFFD}" : " ")
        }
        return String(line)
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let escape = scalar.escaped(asASCII: true)
        return escape == String(scalar) ? "\\u{\(String(scalar.value, radix: 16, uppercase: true))}" : escape
    }
}
