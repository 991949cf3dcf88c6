import TelemetryModel

/// Lines after one another that belong to something which is not read: one record, all of whose bytes are kept.
struct ForeignRun {
    let content: ForeignContent
    /// Its bytes so far, from a stream; a run inside one text is handed over as it is.
    var bytes: [UInt8] = []
    var lines = 0
    /// Words of the first line.
    let words: Int
}

extension MessageDecoder {
    /// Takes the lines at `start` as far as they belong to something that is not read. Returns where to go on, or `nil` when the
    /// line there is none of them. `text` ends with a line, or is the last.
    ///
    /// A run that reaches the end of a stream's chunk stays open, up to `recordBytesMax`: a file of such lines is one record,
    /// and one above that limit is one for each so many bytes.
    mutating func takeForeignLines(
        _ text: RawSpan, from start: Int, in layer: DecodingLayer, carries: Bool,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> Int? {
        var open = foreign
        foreign = nil
        let isContinued = open != nil
        if open == nil {
            let isFirst = nextRecord == 0 && layer.depth == textDepth
            guard let content = foreignContent(text, at: start, isFirst: isFirst) else { return nil }
            open = ForeignRun(content: content, words: foreignLine(text, at: start).wordCount)
        }
        guard var run = open else { return nil }
        var place = start
        // In a message too, so that its worker looks up after so many bytes at the latest.
        while place < text.byteCount, place - start < limits.recordBytesMax {
            let end = text.nextLine(from: place)
            guard belongs(text, place, end, to: run.content, isFirst: place == start && !isContinued) else { break }
            if text.trimmed(place..<end) > place { run.lines += 1 }
            place = end
        }
        let part = text.extracting(start..<place)
        if run.lines == 0 { return place > start ? place : nil }
        let isAtEnd = place == text.byteCount
        if carries, isAtEnd, run.bytes.count + part.byteCount <= limits.recordBytesMax {
            unsafe part.withUnsafeBytes { unsafe run.bytes.append(contentsOf: $0) }
            foreign = run
            return place
        }
        if run.bytes.isEmpty {
            rejectForeign(run, part, to: &consumer)
        } else {
            unsafe part.withUnsafeBytes { unsafe run.bytes.append(contentsOf: $0) }
            unsafe rejectForeign(run, run.bytes.span.bytes, to: &consumer)
        }
        // At the limit, what follows belongs to it still.
        if layer.depth == textDepth, isAtEnd ? carries : place - start >= limits.recordBytesMax {
            foreign = ForeignRun(content: run.content, words: 4)
        }
        return place > start ? place : nil
    }

    /// Hands over a run that is still open.
    mutating func endForeignLines(to consumer: inout some EventConsumer & ~Copyable) {
        guard let run = foreign else { return }
        foreign = nil
        if run.lines > 0 { unsafe rejectForeign(run, run.bytes.span.bytes, to: &consumer) }
    }

    private mutating func rejectForeign(
        _ run: ForeignRun, _ bytes: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        let kept = bytes.extracting(0..<bytes.trimmed(0..<bytes.byteCount))
        // One short line says too little of itself to be called a text.
        let isScrap = run.content == ForeignContent.plainText && run.lines <= 1 && run.words < 4
        let fault =
            isScrap
            ? EnvelopeFault(
                .wrongFieldCount,
                "the line has \(run.words) fields, expected the \(FlowLogFieldList.version2.columns.count) of its field list"
            )
            : EnvelopeFault(run.content.reason, run.content.detail(lines: run.lines))
        reject(fault, kept, to: &consumer)
    }

    /// What the line at `start` belongs to, if that is not read. Text that is no log is only looked for where a source begins
    /// and nothing says what its lines are.
    private func foreignContent(_ text: RawSpan, at start: Int, isFirst: Bool) -> ForeignContent? {
        let line = foreignLine(text, at: start)
        if let log = line.log { return log }
        guard isFirst, let prose = line.prose else { return nil }
        switch format {
        case .auto, .vpcFlow:
            return decoders.flowLog.isWithDefaultList && !FlowLogDecoder.isHeader(text, at: start) ? prose : nil
        case .cloudTrail, .metricStreamJSON, .otlpJSON: return line.isProseAmongJSON ? prose : nil
        default: return nil
        }
    }

    private func belongs(_ text: RawSpan, _ start: Int, _ end: Int, to content: ForeignContent, isFirst: Bool) -> Bool {
        if isFirst || text.trimmed(start..<end) == start { return true }
        let line = ForeignLine(text, start, end)
        guard content.reason == .textFile else { return line.log == content }
        return !line.endsProse && !FlowLogDecoder.isHeader(text, at: start)
    }

    @_lifetime(copy text)
    private func foreignLine(_ text: RawSpan, at start: Int) -> ForeignLine {
        ForeignLine(text, start, text.trimmed(start..<text.nextLine(from: start)))
    }
}
