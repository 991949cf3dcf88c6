/// Cuts a file at its document markers: lines that begin with `---`.
///
/// In YAML such a line ends a document wherever it stands, also inside a block scalar or quotes (YAML 1.2.2, section
/// 9.1.2), so the cut needs no parser.
enum DocumentSplit {
    struct Piece {
        var text: String
        /// Lines of the file before the piece: what to add to its own line numbers.
        var linesBefore: Int
    }

    static func pieces(of text: String) -> [Piece] {
        var pieces: [Piece] = []
        var lines: [Substring] = []
        var linesBefore = 0
        // A piece of directives and comments alone belongs to the marker that follows it.
        var hasContent = false
        var lineCount = 0
        func flush() {
            pieces.append(Piece(text: lines.joined(separator: "\n"), linesBefore: linesBefore))
        }
        for bytes in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let line = Substring(bytes)
            if isMarker(bytes) {
                if hasContent {
                    flush()
                    lines.removeAll()
                    linesBefore = lineCount
                }
                hasContent = true
            } else if let first = bytes.first, first != 0x23, first != 0x25, !bytes.allSatisfy({ isBlank($0) }) {
                hasContent = true
            }
            lines.append(line)
            lineCount += 1
        }
        if hasContent { flush() }
        return pieces
    }

    private static func isMarker(_ line: Substring.UTF8View) -> Bool {
        guard line.starts(with: [0x2D, 0x2D, 0x2D]) else { return false }
        return line.dropFirst(3).first.map(isBlank) ?? true
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0D
    }
}
