/// Text broken at spaces, so that no line is wider than a terminal. A word is never cut: one that is wider has a line of its own. What a
/// number is of stays on its line: `96.9 %`, `13 h`.
public enum WrappedText {
    /// - Parameters:
    ///   - width: of a line, in characters; `nil` for one line however long.
    ///   - head: of the first line, which is not broken.
    ///   - indent: before the lines after the first.
    public static func lines(_ text: String, width: Int?, head: String = "", indent: String = "    ") -> [String] {
        guard let width, head.count + text.count > width else { return [head + text] }
        var lines: [String] = []
        var line = head
        var isBare = true
        for piece in pieces(text) {
            if !isBare, line.count + 1 + piece.count > width {
                lines.append(line)
                (line, isBare) = (indent, true)
            }
            line += (isBare ? "" : " ") + piece
            isBare = false
        }
        lines.append(line)
        return lines
    }

    /// What is not broken: a word, or a number and the word after it.
    private static func pieces(_ text: String) -> [String] {
        var pieces: [String] = []
        var isNumber = false
        for word in text.split(separator: " ") {
            let follows = isNumber
            isNumber = !follows && word.allSatisfy { $0.isASCII && ($0.isNumber || ",.-".contains($0)) }
            if follows { pieces[pieces.count - 1] += " " + word } else { pieces.append(String(word)) }
        }
        return pieces
    }
}
