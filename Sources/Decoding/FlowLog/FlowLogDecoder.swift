import TelemetryModel

/// Decodes flow-log lines: a message or a part of a file, one record a line.
///
/// A line of field names switches the field list for the lines after it, up to the next source. One that can't be read is
/// refused, and the lines after it with it, up to the next that can: what they mean is not known, and the list before
/// would give wrong numbers. Of a name that a header has twice the first column counts. Lines below a header with commas or
/// tabs may have those too.
///
/// A value of `-` leaves the field out. Runs of blanks count as one, carriage returns before a newline and blank lines are
/// skipped. The event's time is its `start`, else its `end`; where it has neither, or they are 0, `sourceTimes` has it.
///
/// Allocates when it is made, for header lines and for rejections; never for a line that decodes.
public struct FlowLogDecoder: ~Copyable {
    /// The time of lines that have none of their own.
    var sourceTimes = SourceTimes()
    /// That of the Kafka record; without one such lines are rejected.
    public var sourceTime: Timestamp? {
        get { sourceTimes.record }
        set { sourceTimes.setRecord(newValue) }
    }

    private let projection: Projection
    private let limits: DecodingLimits
    private let initialProgram: FlowLogProgram
    private var program: FlowLogProgram
    private var isInitial = true
    /// Whether the header line before was refused.
    private var isWithoutList = false
    private var batch: EventBatch

    /// Whether no header line was met in this source, and nobody gave a list: then a line of text may be anything.
    var isWithDefaultList: Bool { !isWithoutList && program.list == .version2 }

    /// `projection` names fields in snake case; what the field list does not have stays absent. `fields` is the list
    /// before any header line: version 2 when `nil`.
    public init(
        projection: Projection, limits: DecodingLimits = DecodingLimits(), fields: FlowLogFieldList? = nil
    ) {
        self.projection = projection
        self.limits = limits
        initialProgram = FlowLogProgram(list: fields ?? .version2, projection: projection)
        program = initialProgram
        batch = EventBatch(projection: projection)
    }

    /// Forgets a header line: what follows is another file or message.
    public mutating func beginSource() {
        // Most messages have no header line.
        if !isInitial { use(initialProgram) }
        isInitial = true
        isWithoutList = false
    }

    /// Decodes every line of `payload`, the last one with or without its newline, and returns how many records there were.
    /// `firstRecord` is the index of the first of them in its source.
    public mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        decodeLines(payload, firstRecord: firstRecord, stopsAtObjects: false, to: &consumer).records
    }

    /// The same, but stops in front of a line that is another's when asked to, one that begins with `{` or is of another log.
    /// `end` is where.
    mutating func decodeLines(
        _ payload: RawSpan, firstRecord: Int, stopsAtObjects: Bool,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> (records: Int, end: Int) {
        var cursor = FlowLogCursor(offset: 0, record: firstRecord)
        guard payload.byteCount <= Int(UInt32.max) else {
            let fault = FlowLogFault(cause: .tooLong(bytes: payload.byteCount), column: 0, offset: 0)
            reject(fault, payload, payload.byteCount, &cursor, to: &consumer)
            return (1, payload.byteCount)
        }
        while true {
            switch fill(payload, stopsAtObjects: stopsAtObjects, &cursor) {
            case .finished, .object:
                flush(payload, to: &consumer)
                return (cursor.record - firstRecord, min(cursor.offset, payload.byteCount))
            case .full:
                flush(payload, to: &consumer)
                if !consumer.wantsMore { return (cursor.record - firstRecord, payload.byteCount) }
            case .header(let end):
                switchList(payload, end, &cursor, to: &consumer)
            case .fault(let fault, let end):
                if stopsAtObjects, cursor.offset > 0, ForeignLine(payload, cursor.offset, end).log != nil {
                    flush(payload, to: &consumer)
                    return (cursor.record - firstRecord, cursor.offset)
                }
                reject(fault, payload, end, &cursor, to: &consumer)
                if !consumer.wantsMore { return (cursor.record - firstRecord, payload.byteCount) }
            }
        }
    }

    private mutating func fill(
        _ payload: RawSpan, stopsAtObjects: Bool, _ cursor: inout FlowLogCursor
    ) -> FlowLogPause {
        let steps = program.steps
        let separator = program.list.separator
        return unsafe payload.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return .finished }
            return unsafe steps.withUnsafeBufferPointer { steps in
                let lines = FlowLogLines(
                    bytes: unsafe FlowLogBytes(buffer, base), steps: unsafe FlowLogSteps(steps),
                    recordBytesMax: limits.recordBytesMax, stopsAtObjects: stopsAtObjects, separator: separator,
                    isWithoutList: isWithoutList, sourceTimes: sourceTimes)
                return lines.fill(&batch, &cursor)
            }
        }
    }

    private mutating func flush(_ payload: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        guard !batch.isEmpty else { return }
        consumer.consume(batch, payload: payload)
        batch.removeAll()
    }

    private mutating func switchList(
        _ payload: RawSpan, _ end: Int, _ cursor: inout FlowLogCursor,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        let line = payload.extracting(cursor.offset..<end)
        let text = unsafe line.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        do throws(FlowLogFieldListError) {
            let list = try FlowLogFieldList(header: text)
            if list != program.list {
                // The rows so far are of the other list.
                flush(payload, to: &consumer)
                use(FlowLogProgram(list: list, projection: projection))
            }
            isWithoutList = false
            cursor.offset = end + 1
        } catch {
            isWithoutList = true
            let fault = FlowLogFault(cause: .fieldList(error), column: 0, offset: cursor.offset)
            reject(fault, payload, end, &cursor, to: &consumer)
        }
    }

    /// Goes over to another list. A projection that keeps all columns grows by those of the list that no version knows.
    private mutating func use(_ next: FlowLogProgram) {
        program = next
        isInitial = false
        if next.projection != batch.projection { batch = EventBatch(projection: next.projection) }
    }

    /// Rows before the line go out first, so that the consumer sees records in their order.
    private mutating func reject(
        _ fault: FlowLogFault, _ payload: RawSpan, _ end: Int, _ cursor: inout FlowLogCursor,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        flush(payload, to: &consumer)
        consumer.reject(
            Rejection(
                reason: fault.reason,
                detail: consumer.wantsDetails ? fault.detail(for: program.list, limits: limits) : "",
                recordIndex: cursor.record, byteOffset: fault.offset - cursor.offset,
                original: payload.extracting(cursor.offset..<end)))
        cursor.record += 1
        cursor.offset = end + 1
    }
}

/// The decoder's position in a payload.
struct FlowLogCursor {
    /// Of the next line's first byte; past the payload's end when all is done.
    var offset: Int
    /// Index of the next record in its source.
    var record: Int
}

/// Why the loop over lines stopped. Ends are offsets of the newline, or of the payload's end.
enum FlowLogPause {
    case finished
    case full
    /// The line at the cursor begins as no flow log's does.
    case object
    /// The line at the cursor looks like a header.
    case header(end: Int)
    /// The line at the cursor does not decode.
    case fault(FlowLogFault, end: Int)
}
