import TelemetryModel
import Text

/// The rows that a decoder of metrics makes of a message, and what it hands to the consumer.
///
/// One batch and one scratch buffer live as long as the decoder, so that a steady stream allocates nothing. Text that is
/// composed (and not found in the message as it is) goes by way of `scratch` into the batch's arena.
struct MetricRows: ~Copyable {
    /// The largest text that may be composed for a field. It keeps a message from writing one long text into a great many
    /// rows: labels are written once for each batch, and a batch is handed over when its texts pass `arenaBytesMax`.
    static let composedBytesMax = 1 << 20
    static let arenaBytesMax = 32 << 20

    let slots: MetricSlots
    let options: MetricOptions
    var scratch: [UInt8] = []
    /// Index of the next record.
    private(set) var recordIndex = 0
    /// Changes whenever text in the arena is forgotten: what was composed under another number must be composed again.
    private(set) var generation = 0
    private var batch: EventBatch
    private var series = CumulativeSeries()
    /// The names in `options.counters`.
    private let counters: Set<SeriesKey>

    init(projection: Projection, options: MetricOptions) {
        slots = MetricSlots(projection)
        self.options = options
        counters = Set(
            options.counters.map { name in
                let bytes = Array(name.utf8)
                return SeriesKey(.metric, 0..<bytes.count, of: unsafe bytes.span.bytes)
            })
        batch = EventBatch(projection: projection)
    }

    mutating func beginMessage(firstRecord: Int) {
        recordIndex = firstRecord
        batch.removeAll()
        generation &+= 1
    }

    /// Whether places in the message fit a row's 32 bits; rejects the message as one record when they do not.
    mutating func canPlace(_ message: RawSpan, to consumer: inout some EventConsumer & ~Copyable) -> Bool {
        if message.byteCount <= Int(UInt32.max) { return true }
        reject(
            MetricFault(.tooLarge, "a message of 4 GiB or more", at: 0), place: 0..<message.byteCount, in: message,
            to: &consumer)
        return false
    }

    /// Begins a row, having handed over the batch if it is full.
    mutating func beginRow(_ message: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        if batch.isFull || batch.arenaCount > MetricRows.arenaBytesMax { flush(message, to: &consumer) }
        batch.beginRow()
    }

    @inline(__always)
    mutating func set(_ slot: Int?, _ value: FieldValue) {
        if let slot { batch.set(slot, value) }
    }

    @inline(__always)
    mutating func set(_ slot: Int?, text range: Range<Int>) {
        if let slot { batch.set(slot, .text(offset: range.lowerBound, length: range.count)) }
    }

    /// Moves what is in `scratch` to the arena: text, or JSON. Throws when it is longer than `composedBytesMax`.
    mutating func takeScratch(
        as kind: FieldValue.Kind, for what: StaticString, at offset: Int
    ) throws(MetricFault) -> FieldValue {
        guard scratch.count <= MetricRows.composedBytesMax else {
            throw MetricFault(.tooLarge, "\(what): more than \(MetricRows.composedBytesMax) bytes of text", at: offset)
        }
        let value = FieldValue.place(kind, offset: batch.arenaCount, length: scratch.count)
        // A span of `scratch` would keep all of `self` from being written, so the buffer is moved out and back.
        var text: [UInt8] = []
        swap(&text, &scratch)
        batch.appendToArena(unsafe text.span.bytes)
        swap(&text, &scratch)
        return value
    }

    /// A word of our own, in the arena.
    mutating func place(_ word: StaticString) -> FieldValue {
        let value = FieldValue.place(.arenaText, offset: batch.arenaCount, length: word.utf8CodeUnitCount)
        for place in 0..<word.utf8CodeUnitCount { batch.appendToArena(word.byte(place)) }
        return value
    }

    func isCounter(_ name: SeriesKey) -> Bool { counters.contains(name) }

    mutating func advance(_ point: CumulativePoint) -> (CumulativeSeries.Amounts, CumulativeOutcome?) {
        series.advance(point)
    }

    mutating func commitRow(time: Timestamp, place: Range<Int>) {
        series.see(time)
        batch.commitRow(
            time: time,
            place: RecordPlace(index: recordIndex, offset: place.lowerBound, length: place.count))
        recordIndex &+= 1
    }

    /// Forgets the row begun: it held no value, and is no record.
    mutating func abandonRow() {
        batch.abandonRow()
        generation &+= 1
    }

    /// Hands over a record that is no event; a row begun for it must have been abandoned. `fault.offset` counts from the
    /// start of `message`, `place` is where the original bytes are in it.
    mutating func reject(
        _ fault: MetricFault, place: Range<Int>, in message: RawSpan, to consumer: inout some EventConsumer & ~Copyable
    ) {
        // The rows before it go first: the consumer is promised the order of the records.
        flush(message, to: &consumer)
        let rejection = Rejection(
            reason: fault.reason, detail: fault.detail, recordIndex: recordIndex,
            byteOffset: min(max(0, fault.offset - place.lowerBound), place.count),
            original: message.extracting(place))
        consumer.reject(rejection)
        recordIndex &+= 1
    }

    mutating func flush(_ message: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        guard !batch.isEmpty else { return }
        consumer.consume(batch, payload: message)
        batch.removeAll()
        generation &+= 1
    }
}
