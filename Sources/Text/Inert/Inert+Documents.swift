// Text in documents that are laid out: Markdown and HTML.

extension Inert {
    /// Text as Markdown shows it (CommonMark, and GitHub's tables, links and mentions), on one line: within a paragraph, a table's cell or
    /// an item of a list, also at its beginning.
    ///
    /// What marks anything up is escaped. `@` and `#` become code, because GitHub looks for people and issues when everything is laid
    /// out and escapes are gone. `://` and `www.`, which become links by themselves, are escaped too.
    public static func markdown(_ text: String) -> String {
        if isPlainWords(text.utf8) { return text }
        let scalars = Array(line(text).unicodeScalars.drop { $0 == " " })
        var escaped = ""
        var place = 0
        // At the start these begin a list, a heading's line or a list with numbers.
        let digits = scalars.prefix { ("0"..."9").contains($0) }.count
        func endsMark(_ place: Int) -> Bool { place >= scalars.count || scalars[place] == " " }
        while place < scalars.count {
            let scalar = scalars[place]
            switch scalar {
            case "@", "#":
                let run = scalars[place...].prefix { $0 == "@" || $0 == "#" }
                escaped += "`" + String(String.UnicodeScalarView(run)) + "`"
                place += run.count - 1
            case "\\", "|", "`", "*", "_", "[", "]", "<", ">", "&", "~", "$": escaped += "\\" + String(scalar)
            case "+" where place == 0 && endsMark(1), "-" where place == 0 && (endsMark(1) || scalars[1] == "-"),
                "=" where place == 0:
                escaped += "\\" + String(scalar)
            case "." where place == digits && digits > 0 && endsMark(place + 1),
                ")" where place == digits && digits > 0 && endsMark(place + 1):
                escaped += "\\" + String(scalar)
            case ":" where scalars[place...].starts(with: "://".unicodeScalars): escaped += "\\:"
            case "." where place >= 3 && scalars[place - 3..<place].allSatisfy { $0 == "w" || $0 == "W" }:
                escaped += "\\."
            default: escaped.unicodeScalars.append(scalar)
            }
            place += 1
        }
        return escaped
    }

    /// Letters, digits and what stands between words, from a letter or digit on: most cells of a report.
    private static func isPlainWords(_ text: String.UTF8View) -> Bool {
        guard let first = text.first, isLetterOrDigit(first) else { return false }
        return text.allSatisfy { isLetterOrDigit($0) || $0 == 0x20 || $0 == 0x25 || $0 == 0x2C || $0 == 0x2D }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// Text of HTML, also within an attribute's quotes, on one line.
    public static func html(_ text: String) -> String {
        if text.utf8.allSatisfy({ (0x20..<0x7F).contains($0) && ![0x22, 0x26, 0x27, 0x3C, 0x3E].contains($0) }) {
            return text
        }
        var escaped = ""
        for scalar in line(text).unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
