import TelemetryModel

/// Envelopes in JSON: what AWS's services put around the records that they carry.
extension MessageDecoder {
    /// Unwraps the envelope at `start`, or the array of envelopes there. Returns where to go on.
    mutating func decodeEnvelopes(
        _ text: RawSpan, from start: Int, _ shape: JSONShape, depth: Int, _ record: inout Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        var reader = JSONReader(text, at: start, nestingMax: limits.nestingMax)
        let range: Range<Int>
        do throws(JSONError) {
            range = try reader.skipValue()
        } catch {
            return rejectValue(text, from: start, &record, to: &consumer)
        }
        let value = text.extracting(range)
        if value.byte(0) == 0x5B {
            // The value is valid JSON as a whole, so that nothing here can fail.
            var elements = JSONReader(value, nestingMax: limits.nestingMax)
            try? elements.beginArray()
            while (try? elements.nextElement()) == true, let element = try? elements.skipValue() {
                record += decodeText(value.extracting(element), depth: depth, firstRecord: record, to: &consumer)
            }
        } else {
            record += decodeEnvelope(value, shape, depth: depth, firstRecord: record, to: &consumer)
        }
        return range.upperBound
    }

    /// Unwraps one envelope, a valid JSON object. Returns how many records it held.
    private mutating func decodeEnvelope(
        _ object: RawSpan, _ shape: JSONShape, depth: Int, firstRecord: Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        if depth >= MessageDecoder.envelopeDepthMax {
            let fault = EnvelopeFault(
                .nestingTooDeep, "more than \(MessageDecoder.envelopeDepthMax) envelopes inside each other")
            return reject(fault, object, firstRecord, to: &consumer)
        }
        do throws(EnvelopeFault) {
            switch shape {
            case .cloudWatchLogs:
                return try decodeLogEvents(object, depth: depth, firstRecord: firstRecord, to: &consumer)
            case .lambdaLogs:
                let inner = try object.member("awslogs", of: .object)
                let subscription = object.extracting(inner)
                return try decodeData(
                    subscription, in: subscription, depth: depth, firstRecord: firstRecord, to: &consumer)
            case .eventBridge:
                let detail = try object.member("detail", of: .object)
                return decodeText(
                    object.extracting(detail), depth: depth + 1, firstRecord: firstRecord, to: &consumer)
            case .firehoseRecord:
                return try decodeData(object, in: object, depth: depth, firstRecord: firstRecord, to: &consumer)
            case .firehoseRequest:
                return try decodeRecords(object, depth: depth, firstRecord: firstRecord, to: &consumer)
            case .notification:
                if let type = try object.optionalMember("Type", of: .string),
                    try !object.isString(at: type, "Notification")
                {
                    throw EnvelopeFault(.unsupported, "an SNS message that is no notification", at: type.lowerBound)
                }
                return try decodeString("Message", object, depth: depth, firstRecord: firstRecord, to: &consumer)
            case .messageLine:
                return try decodeString("message", object, depth: depth, firstRecord: firstRecord, to: &consumer)
            case .cloudTrail, .records, .metricStream, .otlp, .metricData, .unknown:
                throw EnvelopeFault(.unknownFormat, "an object that is no envelope")
            }
        } catch {
            return reject(error, object, firstRecord, to: &consumer)
        }
    }

    /// A subscription's log events, each message a line of its own.
    private mutating func decodeLogEvents(
        _ object: RawSpan, depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) throws(EnvelopeFault) -> Int {
        let type = try object.member("messageType", of: .string)
        // CloudWatch Logs tells whether the destination is reachable; nothing has happened in the estate.
        if try object.isString(at: type, "CONTROL_MESSAGE") { return 0 }
        guard try object.isString(at: type, "DATA_MESSAGE") else {
            throw EnvelopeFault(
                .unsupported, "messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE", at: type.lowerBound)
        }
        let events = object.extracting(try object.member("logEvents", of: .array))
        var lines = takeBuffer(depth)
        defer { keepBuffer(&lines, depth) }
        let sourceTimes = decoders.sourceTimes
        var record = firstRecord
        for event in try events.elements() {
            do throws(EnvelopeFault) {
                let element = events.extracting(event)
                let (message, time) = try element.logEvent()
                try element.appendString(at: message, to: &lines)
                lines.append(0x0A)
                sourceTimes.noteEvent(time, endingAt: lines.count)
            } catch {
                // What came before goes first, so that the consumer sees records in their order.
                record += decodeLogLines(&lines, depth: depth, firstRecord: record, to: &consumer)
                record += reject(error, events.extracting(event), record, to: &consumer)
            }
        }
        record += decodeLogLines(&lines, depth: depth, firstRecord: record, to: &consumer)
        return record - firstRecord
    }

    /// Decodes the messages of log events gathered so far, each of which has the time of its event, and empties the buffer.
    private mutating func decodeLogLines(
        _ lines: inout [UInt8], depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        let sourceTimes = decoders.sourceTimes
        sourceTimes.placeEvents(in: unsafe lines.span.bytes)
        let records = unsafe decodeText(lines.span.bytes, depth: depth + 1, firstRecord: firstRecord, to: &consumer)
        sourceTimes.forgetEvents()
        lines.removeAll(keepingCapacity: true)
        return records
    }

    /// The records of a Firehose delivery.
    private mutating func decodeRecords(
        _ object: RawSpan, depth: Int, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) throws(EnvelopeFault) -> Int {
        let records = object.extracting(try object.member("records", of: .array))
        var record = firstRecord
        for place in try records.elements() {
            let element = records.extracting(place)
            do throws(EnvelopeFault) {
                record += try decodeData(element, in: object, depth: depth, firstRecord: record, to: &consumer)
            } catch {
                record += reject(error, element, record, to: &consumer)
            }
        }
        return record - firstRecord
    }

    /// The base64 under `data`.
    private mutating func decodeData(
        _ object: RawSpan, in envelope: RawSpan, depth: Int, firstRecord: Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) throws(EnvelopeFault) -> Int {
        let data = try object.member("data", of: .string)
        let contents = object.extracting(data.lowerBound + 1..<data.upperBound - 1)
        // No byte of base64 needs an escape, but '/' may have one.
        guard contents.firstBackslash == nil else {
            var text = takeBuffer(depth)
            defer { keepBuffer(&text, depth) }
            try object.appendString(at: data, to: &text)
            return unsafe decodeBase64(text.span.bytes, depth: depth + 1, firstRecord: firstRecord, to: &consumer)
        }
        return decodeBase64(contents, depth: depth, firstRecord: firstRecord, to: &consumer)
    }

    /// The text under `key`, which may be wrapped itself.
    private mutating func decodeString(
        _ key: StaticString, _ object: RawSpan, depth: Int, firstRecord: Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) throws(EnvelopeFault) -> Int {
        let value = try object.member(key, of: .string)
        var text = takeBuffer(depth)
        defer { keepBuffer(&text, depth) }
        try object.appendString(at: value, to: &text)
        return unsafe unwrap(text.span.bytes, depth: depth + 1, firstRecord: firstRecord, to: &consumer)
    }
}
