import TelemetryModel

/// Envelopes around one thing: what AWS's services put around the records that they carry.
extension MessageDecoder {
    /// Unwraps an envelope, a valid JSON object. One that holds nothing is rejected.
    mutating func unwrapEnvelope(
        _ object: RawSpan, _ shape: JSONShape, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        unwrapping(object, to: &consumer) { decoder, consumer throws(EnvelopeFault) in
            switch shape {
            case .lambdaLogs:
                let inner = object.extracting(try object.member("awslogs", of: .object))
                try decoder.decodeData(inner, in: layer, to: &consumer)
            case .eventBridge:
                let detail = try object.member("detail", of: .object)
                decoder.unwrapText(object.extracting(detail), in: decoder.inner(of: layer), to: &consumer)
            case .firehoseRecord:
                try decoder.decodeData(object, in: layer, to: &consumer)
            case .notification:
                if let type = try object.optionalMember("Type", of: .string),
                    try !object.isString(at: type, "Notification")
                {
                    throw EnvelopeFault(.unsupported, "an SNS message that is no notification", at: type.lowerBound)
                }
                try decoder.decodeString("Message", object, in: layer, to: &consumer)
            case .queueMessage:
                let isUpper = try object.optionalMember("Body", of: .string) != nil
                try decoder.decodeString(isUpper ? "Body" : "body", object, in: layer, to: &consumer)
            case .lookedUpEvent:
                try decoder.decodeString("CloudTrailEvent", object, in: layer, to: &consumer)
            case .messageLine:
                try decoder.decodeString("message", object, in: layer, to: &consumer)
            // CloudWatch Logs says whether the destination is reachable; nothing has happened in the estate.
            case .controlMessage: decoder.controlMessages += 1
            case .otherSubscription:
                throw EnvelopeFault(.unsupported, "messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE")
            case .storageNotification:
                throw EnvelopeFault(
                    .storageNotification, "an S3 notification: it names objects and holds no events")
            case .cloudTrail, .metricStream, .otlp, .metricData, .unknown:
                throw EnvelopeFault(.unknownFormat, "an object that is no envelope")
            }
        }
    }

    /// Unwraps an element of a list of envelopes, a valid JSON object.
    mutating func unwrapElement(
        _ object: RawSpan, _ wrapping: Wrapping, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        unwrapping(object, to: &consumer) { decoder, consumer throws(EnvelopeFault) in
            switch wrapping {
            case .data: try decoder.decodeData(object, in: layer, to: &consumer)
            case .upperData: try decoder.decodeData(object, under: "Data", in: layer, to: &consumer)
            case .kinesis:
                let inner = object.extracting(try object.member("kinesis", of: .object))
                try decoder.decodeData(inner, in: layer, to: &consumer)
            case .body: try decoder.decodeString("body", object, in: layer, to: &consumer)
            case .upperBody: try decoder.decodeString("Body", object, in: layer, to: &consumer)
            case .topic:
                let inner = object.extracting(try object.member("Sns", of: .object))
                try decoder.decodeString("Message", inner, in: layer, to: &consumer)
            case .trailEvent: try decoder.decodeString("CloudTrailEvent", object, in: layer, to: &consumer)
            }
        }
    }

    /// Runs `body`, and rejects the object when it throws or finds nothing.
    private mutating func unwrapping<Consumer: EventConsumer & ~Copyable>(
        _ object: RawSpan, to consumer: inout Consumer,
        _ body: (inout MessageDecoder, inout Consumer) throws(EnvelopeFault) -> Void
    ) {
        let before = (nextRecord, controlMessages)
        do throws(EnvelopeFault) {
            try body(&self, &consumer)
            if (nextRecord, controlMessages) == before {
                throw EnvelopeFault(.missingField, "an envelope that holds nothing")
            }
        } catch {
            reject(error, object, to: &consumer)
        }
    }

    /// The base64 under `data`.
    private mutating func decodeData(
        _ object: RawSpan, under key: StaticString = "data", in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) throws(EnvelopeFault) {
        let data = try object.member(key, of: .string)
        let contents = object.extracting(data.lowerBound + 1..<data.upperBound - 1)
        // No byte of base64 needs an escape, but '/' may have one.
        guard contents.firstBackslash == nil else {
            var text: [UInt8] = []
            try object.appendString(at: data, to: &text)
            return unsafe decodeBase64(text.span.bytes, in: layer, to: &consumer)
        }
        decodeBase64(contents, in: layer, to: &consumer)
    }

    /// The text under `key`, which may be wrapped itself.
    private mutating func decodeString(
        _ key: StaticString, _ object: RawSpan, in layer: DecodingLayer,
        to consumer: inout some EventConsumer & ~Copyable
    ) throws(EnvelopeFault) {
        let value = try object.member(key, of: .string)
        var text: [UInt8] = []
        swap(&text, &layer.unwrapped)
        defer { swap(&text, &layer.unwrapped) }
        text.removeAll(keepingCapacity: true)
        try object.appendString(at: value, to: &text)
        unsafe unwrap(text.span.bytes, in: inner(of: layer), to: &consumer)
    }
}
