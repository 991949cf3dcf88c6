/// Text from outside, made fit for a field of limited length and for a terminal.
package enum BoundedText {
    /// At most `count` Unicode code points, the last one an ellipsis where something was cut.
    ///
    /// Cut between grapheme clusters where one fits, so that no letter loses its accent.
    package static func cut(_ text: String, codePointsMax count: Int) -> String {
        guard text.unicodeScalars.count > count else { return text }
        guard count > 1 else { return String(text.unicodeScalars.prefix(count)) }
        var kept = 0
        var end = text.startIndex
        for index in text.indices {
            kept += text[index].unicodeScalars.count
            if kept > count - 1 { break }
            end = text.index(after: index)
        }
        let head = end == text.startIndex ? Substring(text.unicodeScalars.prefix(count - 1)) : text[..<end]
        return head + "…"
    }

    /// One line without control characters, which could move a terminal's cursor or forge another line, and without the
    /// marks that turn the direction of writing.
    package static func singleLine(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: line.append(" ")
            case .format where scalar != "\u{200D}": line.append("\u{FFFD}")
            default: line.append(scalar)
            }
        }
        return String(line)
    }
}
