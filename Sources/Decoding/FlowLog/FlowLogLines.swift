import TelemetryModel

/// The steps of a program, for the loop that runs one for each field.
///
/// Owner: the array behind `withUnsafeBufferPointer`, inside whose closure a value lives. Read only.
@safe
struct FlowLogSteps: ~Copyable {
    private let steps: UnsafeBufferPointer<FlowLogProgram.Step>
    var count: Int { unsafe steps.count }

    init(_ steps: UnsafeBufferPointer<FlowLogProgram.Step>) {
        unsafe self.steps = steps
    }

    @inline(__always)
    subscript(_ column: Int) -> FlowLogProgram.Step {
        assert(column >= 0 && column < count)
        return unsafe steps[column]
    }
}

/// The loop over lines and fields: one pass over separator masks, with a step of the program for each field.
///
/// Field ends are known before a field is looked at, so that numbers and addresses are checked in a few whole-word
/// operations and text is never touched. Measured against a loop over bytes, this is twice as fast.
struct FlowLogLines: ~Copyable {
    let bytes: FlowLogBytes
    let steps: FlowLogSteps
    let recordBytesMax: Int
    /// Whether to leave lines that begin as no flow log's does to others.
    let stopsAtObjects: Bool
    let separator: FlowLogFieldList.Separator
    /// Whether the header before was refused: then no list is in force, and no line is read.
    let isWithoutList: Bool
    /// The time of lines that have none.
    let sourceTimes: SourceTimes

    /// Puts lines into `batch` from the cursor on, and leaves the cursor at the first line not taken.
    func fill(_ batch: inout EventBatch, _ cursor: inout FlowLogCursor) -> FlowLogPause {
        while cursor.offset < bytes.count {
            if batch.isFull { return .full }
            let lineStart = cursor.offset
            // A line of data mostly begins with a digit, the version.
            if bytes[lineStart] &- 0x30 > 9 {
                if stopsAtObjects, isOthers(lineStart) { return .object }
                if bytes[lineStart] != 0x2D, let end = bytes.headerEnd(lineStart) { return .header(end: end) }
            }
            if isWithoutList {
                if let pause = refuse(lineStart, &cursor) { return pause }
                continue
            }
            batch.beginRow()
            var line = Line()
            let cause =
                separator == .blank
                ? decodeLine(lineStart, &line, &batch) : decodeSeparatedLine(lineStart, &line, &batch)
            if let cause {
                batch.abandonRow()
                return fault(cause, lineStart, line)
            }
            if line.column > 0 {
                guard let time = line.time ?? timeOfTimeless(line, lineStart) else {
                    batch.abandonRow()
                    line.start = lineStart
                    return fault(line.timeFault, lineStart, line)
                }
                batch.commitRow(
                    time: time,
                    place: RecordPlace(index: cursor.record, offset: lineStart, length: line.contentEnd &- lineStart))
                cursor.record &+= 1
            } else {
                batch.abandonRow()
            }
            cursor.offset = line.end &+ 1
        }
        return .finished
    }

    /// What a line has shown so far.
    struct Line {
        /// Fields seen.
        var column = 0
        /// Where the field begins that is looked at.
        var start = 0
        /// Of the newline, or of the payload's end.
        var end = 0
        /// After the last field.
        var contentEnd = 0
        /// Seconds since the epoch; 0 while unknown, and where the line says 0.
        var startSeconds: Int64 = 0
        var endSeconds: Int64 = 0

        var seconds: Int64 { startSeconds > 0 ? startSeconds : endSeconds }
        var time: Timestamp? {
            guard let time = Timestamp(seconds: seconds), !SourceTimes.isUnset(time) else { return nil }
            return time
        }
        var timeFault: FlowLogFault.Cause {
            seconds == 0 ? .noTime : Timestamp(seconds: seconds) == nil ? .timeOutOfRange : .timeUnset
        }
    }

    /// Whether a line begins as no flow log's does: with an object or array of objects, a byte order mark or a control
    /// character. Blanks before count for nothing, as they do where a text begins.
    @inline(never)
    private func isOthers(_ lineStart: Int) -> Bool {
        let place = skippingBlanks(lineStart)
        guard place < bytes.count else { return false }
        switch bytes[place] {
        case 0x7B: return true
        case 0x5B:
            let next = skippingBlanks(place &+ 1)
            return next == bytes.count || bytes[next] == 0x0A || bytes[next] == 0x5D || JSONByte.isBracket(bytes[next])
        case 0xEF: return place &+ 2 < bytes.count && bytes[place &+ 1] == 0xBB && bytes[place &+ 2] == 0xBF
        default: return JSONByte.isControl(bytes[place])
        }
    }

    private func skippingBlanks(_ start: Int) -> Int {
        var place = start
        while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 || bytes[place] == 0x0D { place &+= 1 }
        return place
    }

    /// The time of a line that has neither `start` nor `end`.
    @inline(never)
    private func timeOfTimeless(_ line: Line, _ lineStart: Int) -> Timestamp? {
        guard line.seconds == 0 else { return nil }
        return sourceTimes.time(at: unsafe UInt(bitPattern: bytes.base + lineStart))
    }

    /// Takes the line at `lineStart` into the row begun, or says what is wrong with it.
    @inline(__always)
    func decodeLine(
        _ lineStart: Int, _ line: inout Line, _ batch: inout EventBatch
    ) -> FlowLogFault.Cause? {
        var block = lineStart
        let first = bytes.separators(at: block)
        var mask = first.blanks
        var high = first.high
        line.start = lineStart
        while true {
            while mask == 0 {
                block &+= 64
                let next = bytes.separators(at: block)
                mask = next.blanks
                high |= next.high
            }
            let end = block &+ mask.trailingZeroBitCount
            mask &= mask &- 1
            if end > line.start {
                if line.column < steps.count,
                    let cause = take(steps[line.column], line.start, end, &line, &batch)
                {
                    return cause
                }
                line.column &+= 1
                line.contentEnd = end
            }
            if end >= bytes.count || bytes[end] == 0x0A {
                line.end = end
                break
            }
            if bytes[end] != 0x20 && !isCarriageReturn(end) {
                line.start = end
                return .controlCharacter
            }
            line.start = end &+ 1
        }
        if line.column != steps.count && line.column > 0 { return .fieldCount(found: line.column) }
        if line.end &- lineStart > recordBytesMax { return .tooLong(bytes: line.end &- lineStart) }
        if high != 0, !isValidUTF8(lineStart, line.end) {
            line.start = lineStart
            return .invalidUTF8
        }
        return nil
    }

    /// One field: checks it, and sets its slot when somebody asked for it.
    @inline(__always)
    func take(
        _ step: FlowLogProgram.Step, _ start: Int, _ end: Int, _ line: inout Line, _ batch: inout EventBatch
    ) -> FlowLogFault.Cause? {
        switch step.operation {
        case .skip:
            return nil
        case .text:
            if !isDash(start, end) { setText(step, start, end, &batch) }
        case .integer:
            guard let value = bytes.number(start, end) else {
                return isDash(start, end) ? nil : .notAnInteger
            }
            if value > step.maximum { return .integerTooLarge }
            if step.slot >= 0 { batch.set(Int(step.slot), .integer(Int64(truncatingIfNeeded: value))) }
        case .address:
            if !AddressSyntax.isAddress(bytes, start, end) { return isDash(start, end) ? nil : .notAnAddress }
            if step.slot >= 0 { setText(step, start, end, &batch) }
        case .action:
            if !isAction(start, end) { return isDash(start, end) ? nil : .unknownAction }
            if step.slot >= 0 { setText(step, start, end, &batch) }
        case .logStatus:
            if !isLogStatus(start, end) { return isDash(start, end) ? nil : .unknownLogStatus }
            if step.slot >= 0 { setText(step, start, end, &batch) }
        case .start, .end:
            guard let value = bytes.number(start, end) else {
                return isDash(start, end) ? nil : .notAnInteger
            }
            if value > step.maximum { return .integerTooLarge }
            let seconds = Int64(truncatingIfNeeded: value)
            if step.operation == .start { line.startSeconds = seconds } else { line.endSeconds = seconds }
            if step.slot >= 0 { batch.set(Int(step.slot), .integer(seconds)) }
        }
        return nil
    }

    @inline(__always)
    private func setText(_ step: FlowLogProgram.Step, _ start: Int, _ end: Int, _ batch: inout EventBatch) {
        batch.set(Int(step.slot), .text(offset: start, length: end &- start))
    }
}
