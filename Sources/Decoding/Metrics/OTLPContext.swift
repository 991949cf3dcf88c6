import TelemetryModel

/// What all points below one `Resource` share.
struct OTLPResource {
    /// Bytes of the service's names: they are composed anew for each batch of rows.
    static let serviceBytesMax = 1 << 16

    var accountID = OTLPValue.none
    var region = OTLPValue.none
    var serviceNamespace = 0..<0
    var serviceName = 0..<0
    /// Of all attributes, where series are distinguished.
    var key = SeriesKey()

    init() {}

    /// Reads a `Resource` message, checking all its attributes.
    init(_ range: Range<Int>, in bytes: RawSpan, nestingMax: Int, isKeyed: Bool) throws(MetricFault) {
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            guard field.number == 1 else { continue }
            if isKeyed { key.add(.resource, try field.bytes(), of: bytes) }
            let attribute = try OTLPAttribute(field.bytes(), in: bytes, nestingMax: nestingMax)
            if bytes.isEqual(attribute.key, "cloud.account.id") {
                accountID = attribute.value
            } else if bytes.isEqual(attribute.key, "cloud.region") {
                region = attribute.value
            } else if bytes.isEqual(attribute.key, "service.namespace") {
                if case .text(let range) = attribute.value { serviceNamespace = range }
            } else if bytes.isEqual(attribute.key, "service.name") {
                if case .text(let range) = attribute.value { serviceName = range }
            }
        }
        guard serviceNamespace.count + serviceName.count <= OTLPResource.serviceBytesMax else {
            throw MetricFault(
                .tooLarge, "more than \(OTLPResource.serviceBytesMax) bytes of a service's name", at: range.lowerBound)
        }
    }
}

/// Text that is the same for many points: composed once for each batch, and found again in its arena.
struct OTLPSharedText {
    private var value = FieldValue.absent
    private var generation = -1

    mutating func keep(_ value: FieldValue, generation: Int) {
        self.value = value
        self.generation = generation
    }

    func value(generation: Int) -> FieldValue? {
        self.generation == generation ? value : nil
    }
}

/// What all points below one `ScopeMetrics` share.
struct OTLPScope {
    let resource: OTLPResource
    var name = 0..<0
    /// Of the resource and the scope, where series are distinguished.
    var key: SeriesKey
    /// "namespace/name" of the service, where there are both.
    var serviceText = OTLPSharedText()

    init(resource: OTLPResource) {
        self.resource = resource
        key = resource.key
    }

    /// Reads an `InstrumentationScope` message.
    mutating func read(
        _ range: Range<Int>, in bytes: RawSpan, nestingMax: Int, isKeyed: Bool
    ) throws(MetricFault) {
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try bytes.protobufText(field)
            case 2: _ = try bytes.protobufText(field)
            case 3:
                let attribute = try field.bytes()
                _ = try OTLPAttribute(attribute, in: bytes, nestingMax: nestingMax)
                if isKeyed { key.add(.attribute, attribute, of: bytes) }
            default: break
            }
        }
        if isKeyed { key.add(.scope, name, of: bytes) }
    }
}

/// What all points of one `Metric` share.
struct OTLPMetric {
    var name = 0..<0
    var unit = 0..<0
    var kind: OTLPPointKind?
    /// The field of `Metric` that holds the points.
    var pointsField = 0
    /// As OpenTelemetry numbers it: 1 is delta, 2 is cumulative, and 0 is not said.
    var temporality: UInt64 = 0
    /// Of a sum: whether it never falls.
    var isMonotonic = false
    /// Whether CloudWatch made the metric: its points then carry namespace, name and dimensions as attributes.
    var mayBeFromCloudWatch = false
    /// CloudWatch's name of the unit.
    var unitText = OTLPSharedText()

    private static let sumField = 7

    /// OpenTelemetry's kinds, and of sums its two counters.
    var kindName: StaticString {
        switch kind {
        case .number where pointsField == OTLPMetric.sumField: isMonotonic ? "counter" : "up_down_counter"
        case .histogram: "histogram"
        case .exponentialHistogram: "exponential_histogram"
        case .summary: "summary"
        default: "gauge"
        }
    }

    var isGauge: Bool { kind == .number && pointsField != OTLPMetric.sumField }

    /// Reads a `Metric` message, down to the places of its points but not into them.
    init(_ range: Range<Int>, in bytes: RawSpan, nestingMax: Int) throws(MetricFault) {
        var reader = ProtobufReader(bytes, range)
        while let field = try reader.next() {
            switch field.number {
            case 1: name = try bytes.protobufText(field)
            case 2: _ = try bytes.protobufText(field)
            case 3: unit = try bytes.protobufText(field)
            case 12: _ = try OTLPAttribute(field.bytes(), in: bytes, nestingMax: nestingMax)
            default:
                guard let kind = OTLPPointKind(metricField: field.number) else { continue }
                self.kind = kind
                pointsField = field.number
                var points = ProtobufReader(bytes, try field.bytes())
                while let point = try points.next() {
                    switch (kind, point.number) {
                    case (_, 1): _ = try point.bytes()
                    case (.number, 2) where field.number == OTLPMetric.sumField,
                        (.histogram, 2), (.exponentialHistogram, 2):
                        temporality = try point.varint()
                    case (.number, 3) where field.number == OTLPMetric.sumField: isMonotonic = try point.varint() != 0
                    default: break
                    }
                }
            }
        }
        guard !name.isEmpty else {
            throw MetricFault(.missingField, "a metric without a name", at: range.lowerBound)
        }
        guard kind != nil else {
            throw MetricFault(.unsupported, "a metric without data of a kind that is known", at: range.lowerBound)
        }
        if kind != .number { isMonotonic = true }
        mayBeFromCloudWatch = kind == .summary && bytes.hasBytes(of: "amazonaws.com/", at: name.lowerBound)
    }
}
