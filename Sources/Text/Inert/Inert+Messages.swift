// Text for what is sent: notifications to people, and labels of metrics.

extension Inert {
    /// A sentence for people in a chat, a mail or a pager, whichever markup that knows: one line of words, in which nothing is a
    /// link, an image or a mention.
    ///
    /// `<` and `>`, by which Slack, Teams and HTML do all of it (`<!channel>`, `<http://…|text>`), become `‹` and `›`. What
    /// becomes a link by itself is written as one writes what nobody is to follow: `https[:]//`, `www[.]`. `](` is parted by a
    /// blank, and `@` at the beginning of a word, where it would call somebody, becomes `＠`; addresses stay.
    public static func sentence(_ text: String) -> String {
        var sentence = String.UnicodeScalarView()
        var before: Unicode.Scalar = " "
        let scalars = Array(blanked(text).unicodeScalars)
        for (place, scalar) in scalars.enumerated() {
            switch scalar {
            case "<": sentence.append("\u{2039}")
            case ">": sentence.append("\u{203A}")
            case "@" where !isPartOfAddress(before): sentence.append("\u{FF20}")
            case ":" where scalars[place...].starts(with: "://".unicodeScalars):
                sentence.append(contentsOf: "[:]".unicodeScalars)
            case "." where place >= 3 && scalars[place - 3..<place].allSatisfy { $0 == "w" || $0 == "W" }:
                sentence.append(contentsOf: "[.]".unicodeScalars)
            case "(" where sentence.last == "]", "[" where sentence.last == "]":
                sentence.append(" ")
                sentence.append(scalar)
            default: sentence.append(scalar)
            }
            before = scalar
        }
        return String(sentence)
    }

    /// What may stand before the `@` of a mail address.
    private static func isPartOfAddress(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "." || scalar == "_"
            || scalar == "-"
    }

    /// The value of a label in Prometheus' text format, without its quotes.
    public static func metricLabel(_ text: String) -> String {
        let line = line(text)
        if !line.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") }) { return line }
        var escaped = ""
        for scalar in line.unicodeScalars {
            if scalar == "\\" || scalar == "\"" { escaped += "\\" }
            escaped.unicodeScalars.append(scalar)
        }
        return escaped
    }
}
