import TelemetryModel

/// What single fields and odd lines are.
extension FlowLogLines {
    @inline(__always)
    func isDash(_ start: Int, _ end: Int) -> Bool {
        end &- start == 1 && bytes[start] == 0x2D
    }

    @inline(__always)
    func isAction(_ start: Int, _ end: Int) -> Bool {
        guard end &- start == 6 else { return false }
        let word = lastEight(start, end) >> 16
        return word == 0x5450_4543_4341 || word == 0x5443_454A_4552  // ACCEPT, REJECT
    }

    @inline(__always)
    func isLogStatus(_ start: Int, _ end: Int) -> Bool {
        switch end &- start {
        case 2: lastEight(start, end) >> 48 == 0x4B4F  // OK
        case 6: lastEight(start, end) >> 16 == 0x4154_4144_4F4E  // NODATA
        case 8: lastEight(start, end) == 0x4154_4144_5049_4B53  // SKIPDATA
        default: false
        }
    }

    /// A field of two to eight bytes in the upper bytes of a word, as it is in memory, the last byte highest.
    @inline(__always)
    private func lastEight(_ start: Int, _ end: Int) -> UInt64 {
        end >= 8 ? bytes.word(before: end) : lastEightByteByByte(start, end)
    }

    @inline(never)
    private func lastEightByteByByte(_ start: Int, _ end: Int) -> UInt64 {
        var word: UInt64 = 0
        for place in start..<end { word = word >> 8 | UInt64(bytes[place]) << 56 }
        return word
    }

    /// Whether the byte is a carriage return that ends a line.
    func isCarriageReturn(_ offset: Int) -> Bool {
        bytes[offset] == 0x0D && (offset + 1 >= bytes.count || bytes[offset + 1] == 0x0A)
    }

    @inline(never)
    func isValidUTF8(_ start: Int, _ end: Int) -> Bool {
        let part = unsafe UnsafeBufferPointer(start: bytes.base + start, count: end - start)
        return (try? UTF8Span(validating: unsafe Span(_unsafeElements: part))) != nil
    }

    /// The fault, in terms of the whole line: one with fields missing or left over is reported as that, since its other
    /// faults follow from it.
    @inline(never)
    func fault(_ cause: FlowLogFault.Cause, _ lineStart: Int, _ line: Line) -> FlowLogPause {
        if let end = bytes.headerEnd(lineStart) { return .header(end: end) }
        let end = bytes.lineEnd(from: lineStart)
        if end - lineStart > recordBytesMax {
            let fault = FlowLogFault(cause: .tooLong(bytes: end - lineStart), column: 0, offset: lineStart)
            return .fault(fault, end: end)
        }
        let found = fieldCount(lineStart, end)
        if found != steps.count {
            let fault = FlowLogFault(cause: .fieldCount(found: found), column: steps.count, offset: line.start)
            return .fault(fault, end: end)
        }
        return .fault(FlowLogFault(cause: cause, column: line.column, offset: line.start), end: end)
    }

    private func fieldCount(_ start: Int, _ end: Int) -> Int {
        if separator != .blank, hasSeparator(start, end) { return separatedFieldCount(start, end) }
        var count = 0
        var inField = false
        for place in start..<end {
            let blank = bytes[place] == 0x20 || isCarriageReturn(place)
            if !blank && !inField { count += 1 }
            inField = !blank
        }
        return count
    }
}
