/// What a JSON object is, as far as its keys tell.
enum JSONShape: Equatable {
    // Records, or lists of them, that a decoder reads by itself.
    case cloudTrail
    /// `{"Records": […]}`, CloudTrail's file; S3 uses the same key for its notifications.
    case records
    case metricStream
    case otlp
    /// What CloudWatch's `GetMetricData` answers.
    case metricData
    // Envelopes.
    case cloudWatchLogs
    /// `{"awslogs": {"data": …}}`, a subscription as AWS Lambda is handed it.
    case lambdaLogs
    case eventBridge
    case firehoseRecord
    case firehoseRequest
    case notification
    /// `{"message": "…"}`, as Firehose delivers flow logs.
    case messageLine
    case unknown

    /// Whether a decoder of records takes the object as it is.
    var holdsRecords: Bool {
        switch self {
        case .cloudTrail, .records, .metricStream, .otlp, .metricData: true
        default: false
        }
    }

    /// Looks at the keys of the object at `start` until one decides. Values before that key are skipped and checked.
    static func of(_ text: RawSpan, at start: Int, nestingMax: Int) -> JSONShape {
        var reader = JSONReader(text, at: start, nestingMax: nestingMax)
        do {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                let shape = of(key, reader.bytes)
                if shape != .unknown { return shape }
                try reader.skipValue()
            }
        } catch {
            // What is broken before a key decides is broken for every decoder.
        }
        return .unknown
    }

    /// What a key at the top of an object says of it.
    private static func of(_ key: JSONString, _ text: RawSpan) -> JSONShape {
        guard !key.hasEscapes else { return .unknown }
        func matches(_ name: StaticString) -> Bool {
            key.contents.count == name.utf8CodeUnitCount && text.hasBytes(of: name, at: key.contents.lowerBound)
        }
        if matches("eventVersion") || matches("eventTime") || matches("eventSource") || matches("eventName")
            || matches("userIdentity") || matches("eventID") || matches("awsRegion") || matches("eventType")
            || matches("eventCategory")
        {
            return .cloudTrail
        }
        if matches("metric_stream_name") || matches("metric_name") || matches("namespace") { return .metricStream }
        if matches("MetricDataResults") { return .metricData }
        if matches("Records") { return .records }
        if matches("resourceMetrics") || matches("resource_metrics") { return .otlp }
        if matches("messageType") || matches("logEvents") || matches("logGroup") || matches("logStream")
            || matches("subscriptionFilters")
        {
            return .cloudWatchLogs
        }
        if matches("awslogs") { return .lambdaLogs }
        if matches("detail-type") || matches("detail") { return .eventBridge }
        if matches("recordId") || matches("data") { return .firehoseRecord }
        if matches("records") { return .firehoseRequest }
        if matches("TopicArn") || matches("MessageId") || matches("Message") { return .notification }
        if matches("message") { return .messageLine }
        return .unknown
    }
}
