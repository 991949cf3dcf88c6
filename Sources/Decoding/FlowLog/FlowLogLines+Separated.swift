import TelemetryModel

/// Lines that no list reads, and lines whose fields are between commas or tabs: rare, so that nothing here hurries.
extension FlowLogLines {
    /// Takes a line below a header that was refused: skips it when it is blank, or says why it is not read.
    @inline(never)
    func refuse(_ lineStart: Int, _ cursor: inout FlowLogCursor) -> FlowLogPause? {
        let end = bytes.lineEnd(from: lineStart)
        guard (lineStart..<end).contains(where: { bytes[$0] > 0x20 }) else {
            cursor.offset = end + 1
            return nil
        }
        return .fault(FlowLogFault(cause: .noFieldList, column: 0, offset: lineStart), end: end)
    }

    /// As `decodeLine`, by the list's own separator. A line without any is read as one with blanks.
    @inline(never)
    func decodeSeparatedLine(
        _ lineStart: Int, _ line: inout Line, _ batch: inout EventBatch
    ) -> FlowLogFault.Cause? {
        let end = bytes.lineEnd(from: lineStart)
        guard hasSeparator(lineStart, end) else { return decodeLine(lineStart, &line, &batch) }
        line.end = end
        line.contentEnd = end
        while line.contentEnd > lineStart, bytes[line.contentEnd - 1] <= 0x20 { line.contentEnd -= 1 }
        if end - lineStart > recordBytesMax { return .tooLong(bytes: end - lineStart) }
        var place = lineStart
        while true {
            let next = fieldEnd(from: place, end)
            let (start, contentEnd) = trimmed(place, next)
            line.start = start
            if (start..<contentEnd).contains(where: { bytes[$0] < 0x20 }) { return .controlCharacter }
            // A field of no bytes says nothing, as `-` does.
            if line.column < steps.count, contentEnd > start,
                let cause = take(steps[line.column], start, contentEnd, &line, &batch)
            {
                return cause
            }
            line.column += 1
            guard next < end else { break }
            place = next + 1
        }
        if line.column != steps.count { return .fieldCount(found: line.column) }
        if !isValidUTF8(lineStart, end) {
            line.start = lineStart
            return .invalidUTF8
        }
        return nil
    }

    func hasSeparator(_ start: Int, _ end: Int) -> Bool {
        (start..<end).contains { bytes[$0] == separator.rawValue }
    }

    func separatedFieldCount(_ start: Int, _ end: Int) -> Int {
        var count = 1
        var place = fieldEnd(from: start, end)
        while place < end {
            count += 1
            place = fieldEnd(from: place + 1, end)
        }
        return count
    }

    /// Where the field at `start` ends: at the next separator that is not in quotes.
    private func fieldEnd(from start: Int, _ end: Int) -> Int {
        var place = start
        var isQuoted = false
        while place < end {
            if bytes[place] == 0x22 { isQuoted.toggle() }
            if bytes[place] == separator.rawValue, !isQuoted { break }
            place += 1
        }
        return place
    }

    /// Without blanks and quotes around it.
    private func trimmed(_ start: Int, _ end: Int) -> (Int, Int) {
        var (start, end) = (start, end)
        while start < end, bytes[start] == 0x20 { start += 1 }
        while start < end, bytes[end - 1] == 0x20 || bytes[end - 1] == 0x0D { end -= 1 }
        if end - start >= 2, bytes[start] == 0x22, bytes[end - 1] == 0x22 {
            start += 1
            end -= 1
        }
        return (start, end)
    }
}
