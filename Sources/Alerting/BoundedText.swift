/// Text from outside, made fit for a field of limited length.
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
}
