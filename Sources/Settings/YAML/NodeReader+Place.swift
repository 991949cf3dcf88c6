extension NodeReader {
    /// Where byte `offset` of the scalar's text stands in the file.
    ///
    /// Exact for plain scalars and quoted ones without escapes on one line, and to the line for block scalars.
    func mark(ofByte offset: Int) -> SourceMark {
        guard case .scalar(let scalar) = node.content else { return node.mark }
        let before = String(decoding: scalar.text.utf8.prefix(max(0, offset)), as: UTF8.self).unicodeScalars
        switch scalar.style {
        case .plain:
            return SourceMark(line: node.mark.line, column: node.mark.column + before.count)
        case .quoted:
            return SourceMark(line: node.mark.line, column: node.mark.column + 1 + before.count)
        case .block:
            // The indicator stands on the line above the text.
            return SourceMark(line: node.mark.line + 1 + before.count { $0 == "\n" }, column: 1)
        }
    }

    /// A problem at a place inside the scalar.
    func report(_ message: String, _ suggestion: String, atByte offset: Int) {
        log.report(file: file, mark: mark(ofByte: offset), path: path, message: message, suggestion: suggestion)
    }
}
