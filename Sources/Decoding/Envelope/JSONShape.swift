/// What a JSON object is, as far as its keys say: all of them, because no single key makes an envelope.
enum JSONShape: Equatable {
    // Records that a decoder reads by itself.
    case cloudTrail
    case metricStream
    case otlp
    /// What CloudWatch's `GetMetricData` answers.
    case metricData
    // Envelopes around one thing.
    /// `{"awslogs": {"data": …}}`, a subscription as AWS Lambda is handed it.
    case lambdaLogs
    case eventBridge
    case firehoseRecord
    /// What SNS delivers.
    case notification
    /// A message of SQS, with its `Body` or `body`.
    case queueMessage
    /// One event of `aws cloudtrail lookup-events`, with the record as text.
    case lookedUpEvent
    /// `{"message": "…"}`, as Firehose delivers flow logs; nothing but what a log event has.
    case messageLine
    /// A CloudWatch Logs subscription that says only that it is there.
    case controlMessage
    /// A CloudWatch Logs subscription of a type that is not known.
    case otherSubscription
    /// S3's, EventBridge's or SNS's word that objects were written.
    case storageNotification
    case unknown

    /// Whether a decoder of records takes the object as it is.
    var holdsRecords: Bool {
        switch self {
        case .cloudTrail, .metricStream, .otlp, .metricData: true
        default: false
        }
    }

    /// What a look at an object found.
    enum Look {
        /// An object with an array that is decoded element by element, and where that array begins.
        case container(OpenContainer.Member, OpenContainer.Kind, array: Int)
        case whole(JSONShape, Range<Int>)
        /// The text ends inside the object; the largest that it may become is that of an envelope, or of a record.
        case incomplete(isEnvelope: Bool)
        case broken(JSONError)
    }
}

/// The keys at the top of an object, as far as they are known, as bits.
struct JSONKeys: OptionSet {
    let rawValue: UInt64

    static let eventTime = JSONKeys(rawValue: 1 << 0)
    /// Any other key that every CloudTrail record has.
    static let trail = JSONKeys(rawValue: 1 << 1)
    static let metricName = JSONKeys(rawValue: 1 << 2)
    static let namespace = JSONKeys(rawValue: 1 << 3)
    static let value = JSONKeys(rawValue: 1 << 4)
    static let records = JSONKeys(rawValue: 1 << 5)
    static let resourceMetrics = JSONKeys(rawValue: 1 << 6)
    static let messageType = JSONKeys(rawValue: 1 << 7)
    static let logEvents = JSONKeys(rawValue: 1 << 8)
    static let logGroup = JSONKeys(rawValue: 1 << 9)
    static let awslogs = JSONKeys(rawValue: 1 << 10)
    static let detailType = JSONKeys(rawValue: 1 << 11)
    static let detail = JSONKeys(rawValue: 1 << 12)
    static let source = JSONKeys(rawValue: 1 << 13)
    static let data = JSONKeys(rawValue: 1 << 14)
    static let firehoseRecords = JSONKeys(rawValue: 1 << 15)
    static let topicMessage = JSONKeys(rawValue: 1 << 16)
    static let topic = JSONKeys(rawValue: 1 << 17)
    static let message = JSONKeys(rawValue: 1 << 18)
    static let messages = JSONKeys(rawValue: 1 << 19)
    static let events = JSONKeys(rawValue: 1 << 20)
    /// What a Firehose or Kinesis record has beside its data.
    static let dataAttribute = JSONKeys(rawValue: 1 << 21)
    /// What a log event has beside its message.
    static let messageAttribute = JSONKeys(rawValue: 1 << 22)
    /// Any other key.
    static let other = JSONKeys(rawValue: 1 << 23)
    static let metricStream = JSONKeys(rawValue: 1 << 24)
    static let upperBody = JSONKeys(rawValue: 1 << 25)
    static let lowerBody = JSONKeys(rawValue: 1 << 26)
    /// What a message of SQS has beside its body.
    static let queue = JSONKeys(rawValue: 1 << 27)
    static let metricData = JSONKeys(rawValue: 1 << 28)
    /// A CloudTrail record as text.
    static let trailText = JSONKeys(rawValue: 1 << 29)

    /// Keys that make an object a record whatever else it holds.
    static let record: JSONKeys = [.eventTime, .metricName]

    static func of(_ key: JSONString, in text: RawSpan) -> JSONKeys {
        let start = key.contents.lowerBound
        func matches(_ name: StaticString) -> Bool {
            key.contents.count == name.utf8CodeUnitCount && text.hasBytes(of: name, at: start)
        }
        if key.hasEscapes { return ofEscaped(key, in: text) }
        switch key.contents.count {
        case 4:
            if matches("data") { return .data }
            if matches("Body") { return .upperBody }
            if matches("body") { return .lowerBody }
            return matches("Type") ? .topic : .other
        case 2: return matches("id") ? .messageAttribute : .other
        case 5: return matches("value") ? .value : .other
        case 6:
            if matches("detail") { return .detail }
            if matches("source") { return .source }
            // What `aws logs filter-log-events` and `get-log-events` print.
            if matches("events") { return .logEvents }
            return matches("Events") ? .events : .other
        case 7:
            if matches("Records") { return .records }
            if matches("records") { return .firehoseRecords }
            if matches("message") { return .message }
            if matches("Message") { return .topicMessage }
            if matches("awslogs") { return .awslogs }
            if matches("eventId") { return .messageAttribute }
            return matches("eventID") ? .trail : .other
        case 8:
            if matches("logGroup") { return .logGroup }
            if matches("TopicArn") { return .topic }
            if matches("Messages") { return .messages }
            return matches("recordId") ? .dataAttribute : .other
        case 9:
            if matches("eventTime") { return .eventTime }
            if matches("logEvents") { return .logEvents }
            if matches("namespace") { return .namespace }
            if matches("eventName") || matches("awsRegion") || matches("eventType") { return .trail }
            if matches("MessageId") { return [.topic, .queue] }
            if matches("messageId") { return .queue }
            // Both a metric and a log event have one.
            return matches("timestamp") ? .messageAttribute : .other
        case 11:
            if matches("metric_name") { return .metricName }
            if matches("messageType") { return .messageType }
            if matches("detail-type") { return .detailType }
            return matches("eventSource") ? .trail : .other
        default: break
        }
        if matches("eventVersion") || matches("userIdentity") || matches("eventCategory") { return .trail }
        if matches("resourceMetrics") || matches("resource_metrics") { return .resourceMetrics }
        if matches("logStream") || matches("subscriptionFilters") { return .logGroup }
        if matches("MetricDataResults") { return .metricData }
        if matches("metric_stream_name") { return .metricStream }
        if matches("CloudTrailEvent") { return .trailText }
        if matches("receiptHandle") || matches("ReceiptHandle") { return .queue }
        if matches("approximateArrivalTimestamp") || matches("kinesisRecordMetadata") || matches("partitionKey")
            || matches("sequenceNumber") || matches("kinesisSchemaVersion") || matches("encryptionType")
        {
            return .dataAttribute
        }
        return matches("ingestionTime") || matches("logStreamName") || matches("extractedFields")
            ? .messageAttribute : .other
    }

    /// A key that is written with escapes, which legal JSON may do and no service does.
    private static func ofEscaped(_ key: JSONString, in text: RawSpan) -> JSONKeys {
        var plain: [UInt8] = []
        text.forEachUnescaped(key) { plain.append($0) }
        if plain.contains(0x5C) { return .other }
        return unsafe of(JSONString(contents: 0..<plain.count, hasEscapes: false), in: plain.span.bytes)
    }
}
