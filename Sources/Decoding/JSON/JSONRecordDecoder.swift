import TelemetryModel

/// Finds the records in JSON text of whatever shape, decodes each for itself, and goes on after those that are broken.
///
/// Shapes: one record; records one after the other (on lines of their own or not); arrays of records; an object that
/// holds an array of records under the format's key; and any of these after one another.
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
    /// Bytes that looking for the ends of broken elements may still read in this payload, so that text made of nothing but
    /// openings costs a bounded multiple of its length.
    private var searchBudget = 0

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

    /// Returns how many records there were, decoded and rejected.
    mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        index = firstRecord
        batch.removeAll()
        // Places in rows are 32 bits wide.
        guard payload.byteCount <= Int(UInt32.max) else {
            reject(
                payload, 0..<payload.byteCount, RecordFault(.tooLarge, "a message of 4 GiB or more", at: 0), &consumer)
            return 1
        }
        searchBudget = payload.byteCount * 4
        var place = payload.hasBytes(of: "\u{FEFF}", at: 0) ? 3 : 0
        while true {
            place = payload.skippingWhiteSpace(from: place)
            guard place < payload.byteCount, consumer.wantsMore else { break }
            switch payload.byte(place) {
            case 0x5B: place = array(payload, from: place, &consumer).place
            case 0x7B where beginsWithRecords(payload, at: place):
                place = envelope(payload, from: place, &consumer)
            default: place = topLevelRecord(payload, from: place, &consumer)
            }
        }
        flush(payload, &consumer)
        return index - firstRecord
    }

    // MARK: Shapes

    /// A record that no array holds. Returns where to go on.
    private mutating func topLevelRecord(
        _ payload: RawSpan, from start: Int, _ consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        do throws(JSONError) {
            return try record(payload, from: start, isTopLevel: true, &consumer)
        } catch {
            let end = payload.lineEnd(from: start)
            reject(payload, start..<payload.trimmed(start..<end), RecordFault(error), &consumer)
            return end
        }
    }

    /// An array of records. Returns where to go on, and whether the array was read to its bracket.
    private mutating func array(
        _ payload: RawSpan, from start: Int, _ consumer: inout some EventConsumer & ~Copyable
    ) -> (place: Int, isWhole: Bool) {
        var place = payload.skippingWhiteSpace(from: start &+ 1)
        if place < payload.byteCount, payload.byte(place) == 0x5D { return (place &+ 1, true) }
        while true {
            place = payload.skippingWhiteSpace(from: place)
            guard place < payload.byteCount else {
                return (remainder(payload, from: place, JSONError(.truncated, at: place), &consumer), false)
            }
            if !consumer.wantsMore { return (payload.byteCount, false) }
            do throws(JSONError) {
                place = try record(payload, from: place, isTopLevel: false, &consumer)
            } catch {
                guard let end = payload.elementEnd(from: place, budget: &searchBudget) else {
                    return (remainder(payload, from: place, error, &consumer), false)
                }
                reject(payload, place..<payload.trimmed(place..<end), RecordFault(error), &consumer)
                place = end
            }
            let end = place
            place = payload.skippingWhiteSpace(from: place)
            guard place < payload.byteCount else {
                return (remainder(payload, from: place, JSONError(.truncated, at: place), &consumer), false)
            }
            switch payload.byte(place) {
            case 0x2C: place &+= 1
            case 0x5D: return (place &+ 1, true)
            // From the element's end, so that a record on the next line is not lost with the array.
            default: return (remainder(payload, from: end, JSONError(.expectedCommaOrEnd, at: place), &consumer), false)
            }
        }
    }

    /// An object with an array of records in it, and perhaps other members. Returns where to go on.
    private mutating func envelope(
        _ payload: RawSpan, from start: Int, _ consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        var place = start &+ 1
        var isAtFirst = true
        while true {
            do throws(JSONError) {
                place = payload.skippingWhiteSpace(from: place)
                guard place < payload.byteCount else { throw JSONError(.truncated, at: place) }
                if payload.byte(place) == 0x7D, !isAtFirst { return place &+ 1 }
                if !isAtFirst {
                    guard payload.byte(place) == 0x2C else { throw JSONError(.expectedCommaOrEnd, at: place) }
                    place &+= 1
                }
                isAtFirst = false
                let (key, value) = try payload.member(at: place)
                if isRecordsKey(payload, key), payload.byte(value) == 0x5B {
                    let records = array(payload, from: value, &consumer)
                    guard records.isWhole else { return records.place }
                    place = records.place
                } else {
                    var reader = JSONReader(payload, at: value, nestingMax: limits.nestingMax)
                    place = try reader.skipValue().upperBound
                }
            } catch {
                return remainder(payload, from: min(place, payload.byteCount), error, &consumer)
            }
        }
    }

    /// Whether the object at `start` is an envelope whose first member are the records, as CloudTrail writes it.
    @inline(__always)
    private func beginsWithRecords(_ payload: RawSpan, at start: Int) -> Bool {
        guard let name = Format.recordsKey, let key = payload.firstKey(of: start), key &+ 1 < payload.byteCount else {
            return false
        }
        let first = payload.byte(key &+ 1)
        return (first == name.byte(0) || first == 0x5C) && holdsRecords(payload, at: start)
    }

    /// Whether the object at `start` is an envelope, by its members up to the records. For objects that are no record.
    @inline(never)
    private func holdsRecords(_ payload: RawSpan, at start: Int) -> Bool {
        guard Format.recordsKey != nil, payload.byte(start) == 0x7B, var place = payload.firstKey(of: start) else {
            return false
        }
        while let (key, value) = try? payload.member(at: place) {
            if isRecordsKey(payload, key) { return payload.byte(value) == 0x5B }
            var reader = JSONReader(payload, at: value, nestingMax: limits.nestingMax)
            guard let end = try? reader.skipValue().upperBound else { return false }
            place = payload.skippingWhiteSpace(from: end)
            guard place < payload.byteCount, payload.byte(place) == 0x2C else { return false }
            place &+= 1
        }
        return false
    }

    private func isRecordsKey(_ payload: RawSpan, _ key: JSONString) -> Bool {
        guard let name = Format.recordsKey else { return false }
        return JSONReader(payload).isEqual(key, name)
    }

    /// What is left of a shape that is broken beyond repair, up to where a line may begin another, as one rejection. Returns
    /// where to go on.
    private mutating func remainder(
        _ payload: RawSpan, from start: Int, _ error: JSONError, _ consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        let end = payload.lineEnd(from: start)
        reject(payload, start..<payload.trimmed(start..<end), RecordFault(error), &consumer)
        return end
    }

    // MARK: One record

    /// Decodes the value at `start`, or rejects it when it is valid JSON and no event. Returns its end; throws when it is
    /// not valid JSON. What is at the top level and no event may be an envelope.
    @inline(__always)
    private mutating func record(
        _ payload: RawSpan, from start: Int, isTopLevel: Bool, _ consumer: inout some EventConsumer & ~Copyable
    ) throws(JSONError) -> Int {
        if batch.isFull { flush(payload, &consumer) }
        guard payload.byte(start) == 0x7B else {
            return try unlikelyRecord(payload, from: start, isTopLevel: isTopLevel, &consumer)
        }
        guard let verdict = scanner.scan(payload, from: start), verdict.end &- start <= limits.recordBytesMax else {
            return try unlikelyRecord(payload, from: start, isTopLevel: isTopLevel, &consumer)
        }
        batch.beginRow()
        do throws(RecordFault) {
            try projector.project(payload, outline: scanner.outline, verdict: verdict, into: &batch)
            try commit(payload, start..<verdict.end)
        } catch {
            batch.abandonRow()
            if isTopLevel, holdsRecords(payload, at: start) { return envelope(payload, from: start, &consumer) }
            reject(payload, start..<verdict.end, error, &consumer)
        }
        return verdict.end
    }

    /// What the scanner does not vouch for: broken, no object, too large, or nested more deeply than it looks.
    @inline(never)
    private mutating func unlikelyRecord(
        _ payload: RawSpan, from start: Int, isTopLevel: Bool, _ consumer: inout some EventConsumer & ~Copyable
    ) throws(JSONError) -> Int {
        if isTopLevel, payload.byte(start) != 0x7B { return foreignLine(payload, from: start, &consumer) }
        if isTopLevel, holdsRecords(payload, at: start) { return envelope(payload, from: start, &consumer) }
        var reader = JSONReader(payload, at: start, nestingMax: limits.nestingMax)
        let place = try reader.skipValue()
        batch.beginRow()
        do throws(RecordFault) {
            guard payload.byte(start) == 0x7B else {
                throw RecordFault(.invalidField, "a record must be a JSON object", at: start)
            }
            guard place.count <= limits.recordBytesMax else {
                throw RecordFault(.tooLarge, "more than \(limits.recordBytesText)", at: start)
            }
            projector.begin()
            try projector.read(payload, place, into: ProjectionTree.root, &batch)
            try commit(payload, place)
        } catch {
            batch.abandonRow()
            reject(payload, place, error, &consumer)
        }
        return place.upperBound
    }

    /// A line that does not begin as a record: one rejection, however many values it would be read as. Returns its end.
    private mutating func foreignLine(
        _ payload: RawSpan, from start: Int, _ consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        var end = start
        while end < payload.byteCount, payload.byte(end) != 0x0A { end &+= 1 }
        let place = start..<payload.trimmed(start..<end)
        var reader = JSONReader(payload, at: start, nestingMax: limits.nestingMax)
        var fault = RecordFault(.invalidField, "a record must be a JSON object", at: start)
        do throws(JSONError) {
            if try reader.skipValue().upperBound != place.upperBound {
                fault = RecordFault(.invalidJSON, "a record must be a JSON object, alone in its line", at: start)
            }
        } catch {
            fault = RecordFault(error)
        }
        reject(payload, place, fault, &consumer)
        return end
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

    @inline(never)
    private mutating func reject(
        _ payload: RawSpan, _ range: Range<Int>, _ fault: RecordFault,
        _ consumer: inout some EventConsumer & ~Copyable
    ) {
        // Rows before it come first, so that the consumer sees records in their order.
        flush(payload, &consumer)
        let rejection = Rejection(
            reason: fault.reason, detail: fault.detail, recordIndex: index,
            byteOffset: min(max(fault.offset - range.lowerBound, 0), range.count),
            original: payload.extracting(range))
        consumer.reject(rejection)
        index &+= 1
    }
}
