/// The messages of OpenTelemetry's metrics, as far as their fields are read (opentelemetry-proto 1.x).
enum OTLPMessage {
    case request, resourceMetrics, resource, scopeMetrics, scope, metric
    case numberData, sumData, histogramData, exponentialHistogramData, summaryData
    case numberPoint, histogramPoint, exponentialHistogramPoint, summaryPoint, quantile
    case attribute, value, array, list

    /// Whether a fault inside it costs the message as a whole, and nothing around it.
    var isRecord: Bool {
        switch self {
        case .resourceMetrics, .scopeMetrics, .metric, .numberPoint, .histogramPoint, .exponentialHistogramPoint,
            .summaryPoint:
            true
        default: false
        }
    }

    /// The fields that are read; all others are skipped.
    var fields: [OTLPField] {
        switch self {
        case .request: OTLPSchema.request
        case .resourceMetrics: OTLPSchema.resourceMetrics
        case .resource: OTLPSchema.resource
        case .scopeMetrics: OTLPSchema.scopeMetrics
        case .scope: OTLPSchema.scope
        case .metric: OTLPSchema.metric
        case .numberData: OTLPSchema.numberData
        case .sumData: OTLPSchema.sumData
        case .histogramData: OTLPSchema.histogramData
        case .exponentialHistogramData: OTLPSchema.exponentialHistogramData
        case .summaryData: OTLPSchema.summaryData
        case .numberPoint: OTLPSchema.numberPoint
        case .histogramPoint: OTLPSchema.histogramPoint
        case .exponentialHistogramPoint: OTLPSchema.exponentialHistogramPoint
        case .summaryPoint: OTLPSchema.summaryPoint
        case .quantile: OTLPSchema.quantile
        case .attribute: OTLPSchema.attribute
        case .value: OTLPSchema.value
        case .array: OTLPSchema.array
        case .list: OTLPSchema.list
        }
    }
}

/// A field of a message: its number, its type, and its name in both spellings that protobuf's JSON mapping allows.
struct OTLPField {
    enum Kind {
        case text, bytes, bool, double
        /// An unsigned integer, eight bytes.
        case fixed64
        /// A signed integer, eight bytes.
        case signedFixed64
        /// A signed integer as a varint.
        case int64
        /// An unsigned integer as a varint.
        case uint64
        /// `AggregationTemporality`, by number or by name.
        case temporality
        case message(OTLPMessage)
        case repeated(OTLPMessage)
    }

    let number: UInt64
    let name: StaticString
    let originalName: StaticString
    let kind: Kind

    /// `originalName` is the name in the `.proto` file.
    init(_ number: UInt64, _ name: StaticString, _ originalName: StaticString, _ kind: Kind) {
        self.number = number
        self.name = name
        self.originalName = originalName
        self.kind = kind
    }

    /// A field whose two names are the same.
    init(_ number: UInt64, _ name: StaticString, _ kind: Kind) {
        self.init(number, name, name, kind)
    }
}

enum OTLPSchema {
    static let request = [OTLPField(1, "resourceMetrics", "resource_metrics", .repeated(.resourceMetrics))]
    static let resourceMetrics = [
        OTLPField(1, "resource", .message(.resource)),
        OTLPField(2, "scopeMetrics", "scope_metrics", .repeated(.scopeMetrics)),
    ]
    static let resource = [OTLPField(1, "attributes", .repeated(.attribute))]
    static let scopeMetrics = [
        OTLPField(1, "scope", .message(.scope)),
        OTLPField(2, "metrics", .repeated(.metric)),
    ]
    static let scope = [OTLPField(1, "name", .text)]
    static let metric = [
        OTLPField(1, "name", .text),
        OTLPField(3, "unit", .text),
        OTLPField(5, "gauge", .message(.numberData)),
        OTLPField(7, "sum", .message(.sumData)),
        OTLPField(9, "histogram", .message(.histogramData)),
        OTLPField(10, "exponentialHistogram", "exponential_histogram", .message(.exponentialHistogramData)),
        OTLPField(11, "summary", .message(.summaryData)),
    ]
    static let numberData = [OTLPField(1, "dataPoints", "data_points", .repeated(.numberPoint))]
    static let sumData =
        numberData + [temporality, OTLPField(3, "isMonotonic", "is_monotonic", .bool)]
    static let temporality = OTLPField(2, "aggregationTemporality", "aggregation_temporality", .temporality)
    static let histogramData = [
        OTLPField(1, "dataPoints", "data_points", .repeated(.histogramPoint)), temporality,
    ]
    static let exponentialHistogramData = [
        OTLPField(1, "dataPoints", "data_points", .repeated(.exponentialHistogramPoint)), temporality,
    ]
    static let summaryData = [OTLPField(1, "dataPoints", "data_points", .repeated(.summaryPoint))]
    static let numberPoint = [
        OTLPField(7, "attributes", .repeated(.attribute)),
        OTLPField(2, "startTimeUnixNano", "start_time_unix_nano", .fixed64),
        OTLPField(3, "timeUnixNano", "time_unix_nano", .fixed64),
        OTLPField(4, "asDouble", "as_double", .double),
        OTLPField(6, "asInt", "as_int", .signedFixed64),
        OTLPField(8, "flags", .uint64),
    ]
    static let histogramPoint = [
        OTLPField(9, "attributes", .repeated(.attribute)),
        OTLPField(2, "startTimeUnixNano", "start_time_unix_nano", .fixed64),
        OTLPField(3, "timeUnixNano", "time_unix_nano", .fixed64),
        OTLPField(4, "count", .fixed64),
        OTLPField(5, "sum", .double),
        OTLPField(10, "flags", .uint64),
        OTLPField(11, "min", .double),
        OTLPField(12, "max", .double),
    ]
    static let exponentialHistogramPoint = [
        OTLPField(1, "attributes", .repeated(.attribute)),
        OTLPField(2, "startTimeUnixNano", "start_time_unix_nano", .fixed64),
        OTLPField(3, "timeUnixNano", "time_unix_nano", .fixed64),
        OTLPField(4, "count", .fixed64),
        OTLPField(5, "sum", .double),
        OTLPField(10, "flags", .uint64),
        OTLPField(12, "min", .double),
        OTLPField(13, "max", .double),
    ]
    static let summaryPoint = [
        OTLPField(7, "attributes", .repeated(.attribute)),
        OTLPField(2, "startTimeUnixNano", "start_time_unix_nano", .fixed64),
        OTLPField(3, "timeUnixNano", "time_unix_nano", .fixed64),
        OTLPField(4, "count", .fixed64),
        OTLPField(5, "sum", .double),
        OTLPField(6, "quantileValues", "quantile_values", .repeated(.quantile)),
        OTLPField(8, "flags", .uint64),
    ]
    static let quantile = [OTLPField(1, "quantile", .double), OTLPField(2, "value", .double)]
    static let attribute = [OTLPField(1, "key", .text), OTLPField(2, "value", .message(.value))]
    static let value = [
        OTLPField(1, "stringValue", "string_value", .text),
        OTLPField(2, "boolValue", "bool_value", .bool),
        OTLPField(3, "intValue", "int_value", .int64),
        OTLPField(4, "doubleValue", "double_value", .double),
        OTLPField(5, "arrayValue", "array_value", .message(.array)),
        OTLPField(6, "kvlistValue", "kvlist_value", .message(.list)),
        OTLPField(7, "bytesValue", "bytes_value", .bytes),
    ]
    static let array = [OTLPField(1, "values", .repeated(.value))]
    static let list = [OTLPField(1, "values", .repeated(.attribute))]
}
