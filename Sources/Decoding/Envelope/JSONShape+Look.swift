import Text

/// Looking at an object to see what it is.
extension JSONShape {
    /// Looks at the object at `start`. Values are skipped and checked; an array whose elements are decoded one by one is not
    /// read any further where its key is enough, so that it is not read twice and need not be there as a whole.
    ///
    /// - Parameters:
    ///   - isLast: whether no more of the text will come.
    ///   - opensEarly: whether an envelope that is too large to wait for may be opened without its last keys.
    static func look(
        _ text: RawSpan, at start: Int, nestingMax: Int, isLast: Bool, opensEarly: Bool
    ) -> Look {
        var reader = JSONReader(text, at: start, nestingMax: nestingMax)
        var found = FoundKeys()
        var key = JSONKeys()
        var array: Int?
        do throws(JSONError) {
            try reader.beginObject()
            while let name = try reader.nextKey() {
                key = JSONKeys.of(name, in: text)
                array = nil
                let kind = try reader.kind()
                if kind == .array {
                    array = reader.offset
                    if key == .records,
                        let elements = found.recordsKind(text, array: reader.offset, isLast || opensEarly)
                    {
                        return .container(.records, elements, array: reader.offset)
                    }
                }
                found.note(key, kind, try reader.skipValue(), text)
            }
            return found.whole(start..<reader.offset, text)
        } catch {
            guard error.code == .truncated, !isLast else { return .broken(error) }
            if opensEarly, let array, found.keys.isDisjoint(with: .record), let opened = FoundKeys.member(key) {
                return .container(opened.member, opened.elements, array: array)
            }
            let isRecord = !found.keys.isDisjoint(with: .record)
            let isEnvelope = !isRecord && !found.keys.union(key).isDisjoint(with: FoundKeys.envelopes)
            return .incomplete(isEnvelope: isEnvelope)
        }
    }

    /// The decoder that an object is for by its first key, which may be wrong: the decoder proves it.
    static func guess(_ text: RawSpan, at start: Int) -> RecordDecoders.Target? {
        guard let place = text.firstKey(of: start) else { return nil }
        func begins(_ name: StaticString) -> Bool { text.hasBytes(of: name, at: place) }
        if begins("\"event") || begins("\"userIdentity\"") || begins("\"awsRegion\"") { return .cloudTrail }
        return begins("\"metric_") || begins("\"namespace\"") ? .metricStream : nil
    }
}

/// What is known of an object on the way through its members.
private struct FoundKeys {
    private(set) var keys = JSONKeys()
    private var texts = JSONKeys()
    private var objects = JSONKeys()
    /// Where the arrays are that may hold records.
    private var arrays: [(key: JSONKeys, place: Int)] = []
    private var messageType: Range<Int>?
    private var holdsNotifications = false

    static let envelopes: JSONKeys = [
        .records, .logEvents, .messageType, .awslogs, .detailType, .detail, .data, .firehoseRecords, .topic,
        .topicMessage, .messages, .events, .message, .resourceMetrics, .upperBody, .lowerBody, .metricData,
        .trailText,
    ]

    mutating func note(_ key: JSONKeys, _ kind: JSONReader.Kind, _ range: Range<Int>, _ text: RawSpan) {
        keys.formUnion(key)
        switch kind {
        case .string: texts.formUnion(key)
        case .object: objects.formUnion(key)
        case .array where FoundKeys.member(key) != nil: arrays.append((key, range.lowerBound))
        default: break
        }
        if key == .messageType, kind == .string { messageType = range }
    }

    /// The kind of array that decides by itself under a key.
    static func member(_ key: JSONKeys) -> (member: OpenContainer.Member, elements: OpenContainer.Kind)? {
        switch key {
        case .logEvents: (.logEvents, .logEvents)
        case .firehoseRecords: (.firehoseRecords, .wrapped(.data))
        case .messages: (.messages, .wrapped(.upperBody))
        case .events: (.events, .wrapped(.trailEvent))
        case .resourceMetrics: (.resourceMetrics, .resourceMetrics)
        default: nil
        }
    }

    /// What the array under `Records` holds, by its first element: CloudTrail's records, or what Lambda is handed. `nil` when
    /// it is not opened: because of what is before it, because the element is not all there, or because it is S3's
    /// notification, whose records have the same keys as CloudTrail's.
    mutating func recordsKind(_ text: RawSpan, array: Int, _ mayGuess: Bool) -> OpenContainer.Kind? {
        guard keys.isDisjoint(with: .record) else { return nil }
        let first = text.skippingWhiteSpace(from: array + 1)
        guard first < text.byteCount else { return mayGuess ? .values : nil }
        guard text.byte(first) == 0x7B else { return .values }
        var reader = JSONReader(text, at: first, nestingMax: DecodingLimits.nestingCeiling)
        var likely = OpenContainer.Kind.values
        do throws(JSONError) {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                if reader.isEqual(key, "kinesis") { likely = .wrapped(.kinesis) }
                if reader.isEqual(key, "body") { likely = .wrapped(.body) }
                if reader.isEqual(key, "Sns") { likely = .wrapped(.topic) }
                if reader.isEqual(key, "Data"), try reader.kind() == .string { return .wrapped(.upperData) }
                guard reader.isEqual(key, "eventSource") || reader.isEqual(key, "EventSource"),
                    try reader.kind() == .string
                else {
                    try reader.skipValue()
                    continue
                }
                let source = try reader.string()
                if reader.isEqual(source, "aws:sqs") { return .wrapped(.body) }
                if reader.isEqual(source, "aws:kinesis") { return .wrapped(.kinesis) }
                if reader.isEqual(source, "aws:sns") { return .wrapped(.topic) }
                holdsNotifications = reader.isEqual(source, "aws:s3")
                return holdsNotifications ? nil : .values
            }
            return .values
        } catch {
            return error.code == .truncated && !mayGuess ? nil : likely
        }
    }

    func whole(_ range: Range<Int>, _ text: RawSpan) -> JSONShape.Look {
        if keys.contains(.eventTime) { return .whole(.cloudTrail, range) }
        if keys.contains(.metricName) || keys.contains(.metricStream) { return .whole(.metricStream, range) }
        if keys.contains(.metricData) { return .whole(.metricData, range) }
        if keys.contains(.resourceMetrics) { return .whole(.otlp, range) }
        if let last = arrays.last, let opened = FoundKeys.member(last.key) {
            switch opened.member {
            case .logEvents:
                guard let type = messageType else { break }
                if (try? text.isString(at: type, "CONTROL_MESSAGE")) == true { return .whole(.controlMessage, range) }
                if (try? text.isString(at: type, "DATA_MESSAGE")) != true { return .whole(.otherSubscription, range) }
            default: break
            }
            return .container(opened.member, opened.elements, array: last.place)
        }
        return .whole(shape, range)
    }

    /// Of what holds no array of records.
    private var shape: JSONShape {
        if holdsNotifications { return .storageNotification }
        if objects.contains(.awslogs) { return .lambdaLogs }
        if objects.contains(.detail), keys.contains(.detailType) || keys.contains(.source) { return .eventBridge }
        if texts.contains(.topicMessage), keys.contains(.topic) { return .notification }
        if !texts.isDisjoint(with: [.upperBody, .lowerBody]), keys.contains(.queue) { return .queueMessage }
        if texts.contains(.trailText) { return .lookedUpEvent }
        if texts.contains(.data), keys.isSubset(of: [.data, .dataAttribute, .messageAttribute]) {
            return .firehoseRecord
        }
        if texts.contains(.message), keys.isSubset(of: [.message, .messageAttribute]) { return .messageLine }
        if keys.contains(.trail) { return .cloudTrail }
        return keys.contains(.namespace) ? .metricStream : .unknown
    }
}
