import TelemetryModel

/// Where a metric's fields go in a row: a projection's paths, resolved once.
struct MetricSlots: Sendable {
    /// A dimension or a quantile that is asked for by name.
    struct Named: Sendable {
        let name: [UInt8]
        let slot: Int
    }

    private(set) var accountID: Int?
    private(set) var region: Int?
    private(set) var namespace: Int?
    private(set) var metricName: Int?
    private(set) var dimensions: Int?
    private(set) var unit: Int?
    private(set) var timestamp: Int?
    private(set) var kind: Int?
    private(set) var temporality: Int?
    private(set) var startTimestamp: Int?
    private(set) var max: Int?
    private(set) var min: Int?
    private(set) var sum: Int?
    private(set) var count: Int?
    private(set) var quantiles: Int?
    private(set) var namedDimensions: [Named] = []
    private(set) var namedQuantiles: [Named] = []

    /// Paths that no metric has are left absent in every row: `value.statistics` is one, in the formats read here.
    init(_ projection: Projection) {
        for (slot, field) in projection.fields.enumerated() {
            let keys = field.components.map { component -> String? in
                if case .key(let key) = component { key } else { nil }
            }
            switch keys {
            case ["account_id"]: accountID = slot
            case ["region"]: region = slot
            case ["namespace"]: namespace = slot
            case ["metric_name"]: metricName = slot
            case ["dimensions"]: dimensions = slot
            case ["unit"]: unit = slot
            case ["timestamp"]: timestamp = slot
            case ["kind"]: kind = slot
            case ["temporality"]: temporality = slot
            case ["start_timestamp"]: startTimestamp = slot
            case ["value", "max"]: max = slot
            case ["value", "min"]: min = slot
            case ["value", "sum"]: sum = slot
            case ["value", "count"]: count = slot
            case ["value", "quantiles"]: quantiles = slot
            default:
                if keys.count == 2, keys[0] == "dimensions", let name = keys[1] {
                    namedDimensions.append(Named(name: Array(name.utf8), slot: slot))
                } else if keys.count == 3, keys[0] == "value", keys[1] == "quantiles", let name = keys[2] {
                    namedQuantiles.append(Named(name: Array(name.utf8), slot: slot))
                }
            }
        }
    }
}
