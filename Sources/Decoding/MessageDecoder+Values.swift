import TelemetryModel

/// Objects: records, which are decoded, and envelopes, which are opened or unwrapped.
extension MessageDecoder {
    /// Containers begun inside each other in one text: more are of documents that were cut off.
    private static let openMax = 32

    /// What the decoder of a run said of a value that it did not take.
    private struct Refusal {
        let target: RecordDecoders.Target
        let fault: RecordFault
        let range: Range<Int>
    }

    /// Decodes the object at `start`, with the records that follow it.
    mutating func value(
        _ text: RawSpan, from start: Int, inArray: Bool, _ part: TextPart,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        var place = start
        var refusal: Refusal?
        let target = format == .auto ? layer.target ?? JSONShape.guess(text, at: start) : format.target
        if let target, target.isRun, !layer.prefersEnvelopes, !text.mayHoldRecords(at: start) {
            let run = decoders.decodeRun(
                text, from: start, as: target, inArray: inArray, isLast: part.isLast, record: &nextRecord, to: &consumer
            )
            if run.place > start { layer.target = target }
            place = run.place
            switch run.stop {
            case .other:
                layer.endValue(expectsValue: run.expectsValue)
                return .on(place)
            case .foreign(let fault, let range): refusal = Refusal(target: target, fault: fault, range: range)
            // It may be an envelope whose elements are whole.
            case .broken, .incomplete: break
            }
        }
        let opensEarly = text.byteCount - place >= MessageDecoder.earlyBytesMin
        let look = JSONShape.look(
            text, at: place, nestingMax: limits.nestingMax, isLast: part.isLast, opensEarly: opensEarly)
        switch look {
        case .broken(let error): return broken(text, from: place, error, inArray: inArray, part, to: &consumer)
        case .incomplete(let isEnvelope):
            layer.endValue(expectsValue: true)
            return wait(place, isEnvelope ? limits.expandedBytesMax : limits.recordBytesMax, part)
        case .container(let member, let elements, let array):
            layer.endValue()
            if layer.open.count >= MessageDecoder.openMax { layer.open.removeAll() }
            layer.open.append(OpenContainer(kind: .members(member), expectsValue: false))
            layer.open.append(OpenContainer(kind: elements))
            return .on(array + 1)
        case .whole(let shape, let range):
            if shape == .unknown || shape.holdsRecords {
                return record(text, range, shape, refusal, inArray: inArray, part, to: &consumer)
            }
            layer.prefersEnvelopes = true
            unwrapEnvelope(text.extracting(range), shape, in: part.layer, to: &consumer)
            layer.endValue()
            return .on(range.upperBound)
        }
    }

    /// Decodes what is no envelope, or rejects it.
    private mutating func record(
        _ text: RawSpan, _ range: Range<Int>, _ shape: JSONShape, _ refusal: Refusal?, inArray: Bool, _ part: TextPart,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        layer.prefersEnvelopes = false
        layer.endValue()
        if shape == .unknown,
            let content = ForeignContent.ofObject(text, at: range.lowerBound, nestingMax: limits.nestingMax)
        {
            reject(
                RecordFault(content.reason, content.detail(), at: range.lowerBound), range, of: text, to: &consumer)
            return .on(range.upperBound)
        }
        let answers = shape == .metricData && format == .metricStreamJSON
        guard let wanted = answers ? .metricData : format == .auto ? shape.target : format.target, !format.isProtobuf
        else {
            reject(
                RecordFault(.unknownFormat, "a JSON value whose keys belong to no known format", at: range.lowerBound),
                range, of: text, to: &consumer)
            return .on(range.upperBound)
        }
        switch wanted {
        case .cloudTrail, .metricStream: break
        case .flowLog where !inArray: return flowLine(text, from: range.lowerBound, part, to: &consumer)
        case .metricData:
            nextRecord += decoders.decode(
                text.extracting(range), as: .metricData, firstRecord: nextRecord, to: &consumer)
            return .on(range.upperBound)
        case .otlpJSON:
            decodeOTLP(text.extracting(range), to: &consumer)
            return .on(range.upperBound)
        default:
            reject(
                RecordFault(.unknownFormat, "a JSON value where a line of a flow log belongs", at: range.lowerBound),
                range, of: text, to: &consumer)
            return .on(range.upperBound)
        }
        if let refusal, wanted == refusal.target {
            layer.target = wanted
            reject(refusal.fault, refusal.range, of: text, to: &consumer)
            return .on(range.upperBound)
        }
        layer.target = wanted
        let run = decoders.decodeRun(
            text, from: range.lowerBound, as: wanted, inArray: inArray, isLast: part.isLast, record: &nextRecord,
            to: &consumer)
        if case .foreign(let error, let place) = run.stop, run.place == range.lowerBound {
            reject(error, place, of: text, to: &consumer)
            return .on(range.upperBound)
        }
        layer.endValue(expectsValue: run.expectsValue)
        return .on(run.place)
    }

    /// Decodes a request of OTLP/JSON, which has to hold something.
    mutating func decodeOTLP(_ document: RawSpan, to consumer: inout some EventConsumer & ~Copyable) {
        let without = decoders.otlpPointsWithoutValue
        let count = decoders.decode(document, as: .otlpJSON, firstRecord: nextRecord, to: &consumer)
        nextRecord += count
        if count == 0, decoders.otlpPointsWithoutValue == without {
            reject(EnvelopeFault(.noPoints, "a document of OTLP without a data point"), document, to: &consumer)
        }
    }

    /// Rejects a value that is not valid JSON, up to where something else begins.
    mutating func broken(
        _ text: RawSpan, from place: Int, _ error: JSONError, inArray: Bool, _ part: TextPart,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> TextStep {
        let layer = part.layer
        if format == .vpcFlow, !inArray { return flowLine(text, from: place, part, to: &consumer) }
        guard
            let found = text.brokenEnd(
                from: place, fault: error.offset, mustEnd: part.mustResync, budget: &searchBudget)
        else {
            layer.endValue(expectsValue: true)
            layer.isBroken = true
            return wait(place, MessageDecoder.brokenBytesMax, part)
        }
        let end = max(found, place + 1)
        let range = place..<text.trimmed(place..<end)
        layer.endValue()
        if error.code == .truncated, end == text.byteCount { layer.open.removeAll() }
        let isTooLarge = range.count > limits.recordBytesMax
        let fault =
            isTooLarge ? RecordFault(.tooLarge, "more than \(limits.recordBytesText)", at: place) : RecordFault(error)
        reject(fault, range, of: text, to: &consumer)
        return .on(end)
    }
}

extension RawSpan {
    /// Whether the object at `start` may be a list of records, by its first key.
    func mayHoldRecords(at start: Int) -> Bool {
        guard let key = firstKey(of: start), key + 1 < byteCount else { return false }
        return byte(key + 1) == UInt8(ascii: "R")
    }
}
