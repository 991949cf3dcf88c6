import TelemetryModel
import Text

/// Decodes records of a JSON format that are one after another, until something else comes.
///
/// What is around the records, and what to do with something else, is the caller's: see `MessageDecoder`.
struct JSONRecordDecoder<Format: JSONEventFormat>: ~Copyable {
    private let limits: DecodingLimits
    private var format: Format
    private var scanner: RecordScanner
    private var projector: RecordProjector
    private var batch: EventBatch
    private var index = 0

    var sourceTimes: SourceTimes {
        get { format.sourceTimes }
        set { format.sourceTimes = newValue }
    }

    init(projection: Projection, limits: DecodingLimits) {
        precondition(projection.kind == Format.kind, "a projection of another kind of event")
        self.limits = limits
        format = Format(projection: projection)
        var tree = Format.tree(for: projection)
        tree.seal()
        scanner = RecordScanner(outlineDepth: tree.depth, nestingMax: limits.nestingMax)
        projector = RecordProjector(tree: tree, isCompacting: Format.isCompacting)
        batch = EventBatch(projection: projection)
    }

    /// Decodes the objects from `start` on, where one begins, as long as they are records. In an array there are commas between
    /// them.
    ///
    /// `record` is the index of the next record. The payload is smaller than 4 GiB: places in rows are 32 bits wide.
    mutating func decode(
        _ payload: RawSpan, from start: Int, inArray: Bool, isLast: Bool, record: inout Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> RecordRun {
        index = record
        batch.removeAll()
        scanner.begin()
        let run = run(payload, from: start, inArray: inArray, isLast: isLast, &consumer)
        flush(payload, &consumer)
        record = index
        return run
    }

    private mutating func run(
        _ payload: RawSpan, from start: Int, inArray: Bool, isLast: Bool,
        _ consumer: inout some EventConsumer & ~Copyable
    ) -> RecordRun {
        var place = start
        while true {
            if batch.isFull {
                flush(payload, &consumer)
                if !consumer.wantsMore { return RecordRun(place: place, stop: .other) }
            }
            let end: Int
            if let verdict = scanner.scan(payload, from: place), verdict.end &- place <= limits.recordBytesMax {
                batch.beginRow()
                do throws(RecordFault) {
                    try projector.project(payload, outline: scanner.outline, verdict: verdict, into: &batch)
                    try commit(payload, place..<verdict.end)
                } catch {
                    batch.abandonRow()
                    return RecordRun(place: place, stop: .foreign(error, place..<verdict.end))
                }
                end = verdict.end
            } else {
                switch unlikelyRecord(payload, from: place, isLast: isLast) {
                case .decoded(let found): end = found
                case .stop(let stop): return RecordRun(place: place, stop: stop)
                }
            }
            var next = payload.skippingWhiteSpace(from: end)
            if inArray {
                guard next < payload.byteCount, payload.byte(next) == 0x2C else {
                    return RecordRun(place: end, expectsValue: false, stop: .other)
                }
                next = payload.skippingWhiteSpace(from: next &+ 1)
                guard next < payload.byteCount, payload.byte(next) == 0x7B else {
                    return RecordRun(place: next, stop: .other)
                }
            } else {
                guard next < payload.byteCount, payload.byte(next) == 0x7B, !mayHoldRecords(payload, at: next) else {
                    return RecordRun(place: end, expectsValue: false, stop: .other)
                }
            }
            place = next
        }
    }

    /// Whether the object at `start` may be a list of records, by its first key: reading it as a record would read all of it.
    @inline(__always)
    private func mayHoldRecords(_ payload: RawSpan, at start: Int) -> Bool {
        guard let key = payload.firstKey(of: start), key &+ 1 < payload.byteCount else { return false }
        return payload.byte(key &+ 1) == UInt8(ascii: "R")
    }

    private enum Unlikely {
        case decoded(end: Int)
        case stop(RecordRun.Stop)
    }

    /// What the scanner does not vouch for: cut off, broken, too large, or nested more deeply than it looks.
    @inline(never)
    private mutating func unlikelyRecord(_ payload: RawSpan, from start: Int, isLast: Bool) -> Unlikely {
        var reader = JSONReader(payload, at: start, nestingMax: limits.nestingMax)
        let place: Range<Int>
        do throws(JSONError) {
            place = try reader.skipValue()
        } catch {
            return .stop(error.code == .truncated && !isLast ? .incomplete : .broken(error))
        }
        guard place.count <= limits.recordBytesMax else {
            return .stop(.foreign(RecordFault(.tooLarge, "more than \(limits.recordBytesText)", at: start), place))
        }
        batch.beginRow()
        do throws(RecordFault) {
            projector.begin()
            try projector.read(payload, place, into: ProjectionTree.root, &batch)
            try commit(payload, place)
        } catch {
            batch.abandonRow()
            return .stop(.foreign(error, place))
        }
        return .decoded(end: place.upperBound)
    }

    @inline(__always)
    private mutating func commit(_ payload: RawSpan, _ place: Range<Int>) throws(RecordFault) {
        let time = try format.finish(projector.required, of: payload, place: place, &batch)
        batch.commitRow(
            time: time, place: RecordPlace(index: index, offset: place.lowerBound, length: place.count))
        index &+= 1
    }

    private mutating func flush(_ payload: RawSpan, _ consumer: inout some EventConsumer & ~Copyable) {
        if !batch.isEmpty { consumer.consume(batch, payload: payload) }
        batch.removeAll()
    }
}

/// How far a decoder of records came, and why no further.
struct RecordRun {
    enum Stop {
        /// What comes next is no object, or there is nothing.
        case other
        /// The text ends inside the value at `place`.
        case incomplete
        /// The value at `place` is valid, and no record of the format.
        case foreign(RecordFault, Range<Int>)
        /// The value at `place` is not valid JSON.
        case broken(JSONError)
    }

    /// After the last record, or at the value that stopped it.
    var place: Int
    /// Whether a value may come at `place`; otherwise a comma or a bracket must.
    var expectsValue = true
    var stop: Stop
}
