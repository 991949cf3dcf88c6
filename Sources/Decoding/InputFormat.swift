import TelemetryModel

/// What an input holds. Raw values are the names in settings and on the command line.
public enum InputFormat: String, CaseIterable, Sendable, Hashable {
    /// Each message is looked at for what it holds.
    case auto
    case cloudTrail = "cloudtrail"
    case vpcFlow = "vpc-flow"
    case metricStreamJSON = "metric-stream-json"
    /// CloudWatch's OpenTelemetry 1.0 format: length-delimited protobuf.
    case metricStreamOTLP = "metric-stream-otlp"
    case otlpJSON = "otlp-json"
    /// One `ExportMetricsServiceRequest` in protobuf.
    case otlp
    case prometheusRemoteWrite = "prometheus-remote-write"

    /// The kinds of event that it may hold.
    public var kinds: Set<EventKind> {
        switch self {
        case .auto: Set(EventKind.allCases)
        case .cloudTrail: [.cloudTrail]
        case .vpcFlow: [.vpcFlow]
        case .metricStreamJSON, .metricStreamOTLP, .otlpJSON, .otlp, .prometheusRemoteWrite: [.metric]
        }
    }

    /// Whether records are protobuf, so that text can only be an envelope around them.
    var isProtobuf: Bool {
        switch self {
        case .metricStreamOTLP, .otlp, .prometheusRemoteWrite: true
        case .auto, .cloudTrail, .vpcFlow, .metricStreamJSON, .otlpJSON: false
        }
    }
}

/// What a consumer wants of each kind of event: the projection of each, and how the points of metrics are taken.
///
/// A kind without one is decoded and checked all the same, into rows without slots: the consumer can count them.
public struct ProjectionSet: Sendable, Equatable {
    public var cloudTrail: Projection?
    public var vpcFlow: Projection?
    public var metric: Projection?
    public var metricOptions: MetricOptions

    public init(
        cloudTrail: Projection? = nil, vpcFlow: Projection? = nil, metric: Projection? = nil,
        metricOptions: MetricOptions = MetricOptions()
    ) {
        self.cloudTrail = cloudTrail
        self.vpcFlow = vpcFlow
        self.metric = metric
        self.metricOptions = metricOptions
    }

    public subscript(kind: EventKind) -> Projection {
        let projection =
            switch kind {
            case .cloudTrail: cloudTrail
            case .vpcFlow: vpcFlow
            case .metric: metric
            }
        return projection ?? Projection(kind: kind, fields: [])
    }
}
