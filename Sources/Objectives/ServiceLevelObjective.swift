import TelemetryModel

/// A service-level objective, with every reference resolved: one `objectives` entry of an OpenSLO `SLO`.
public struct ServiceLevelObjective: Sendable, Equatable {
    /// What an SLO is called, and what it says of itself to people.
    public struct Metadata: Sendable, Equatable {
        /// The SLO's name; with several objectives in one SLO, `name/1`, `name/2`, … in the file's order.
        public var name: String
        public var description: ResourceDescription
        public var displayName: String? { description.displayName }
        /// For people, routes and metrics, never for what is counted.
        public var labels: [String: String] { description.labels }

        public init(name: String, description: ResourceDescription = ResourceDescription()) {
            self.name = name
            self.description = description
        }
    }

    public var metadata: Metadata
    public var service: String
    public var indicator: ServiceLevelIndicator
    public var window: ComplianceWindow
    public var method: BudgetingMethod
    public var target: Ratio
    public var alerts: [ObjectiveAlert]

    public var name: String { metadata.name }

    public init(
        metadata: Metadata, service: String, indicator: ServiceLevelIndicator, window: ComplianceWindow,
        method: BudgetingMethod, target: Ratio, alerts: [ObjectiveAlert]
    ) {
        self.metadata = metadata
        self.service = service
        self.indicator = indicator
        self.window = window
        self.method = method
        self.target = target
        self.alerts = alerts
    }
}

/// OpenSLO's `budgetingMethod`.
public enum BudgetingMethod: Sendable, Equatable {
    case occurrences
    /// A slice is good when good/total in it reaches `target`.
    case timeslices(target: Ratio, windowNanoseconds: Int64)
    /// The mean of the slices' own ratios.
    case ratioTimeslices(windowNanoseconds: Int64)
}

/// What is counted as good, and as total.
public struct ServiceLevelIndicator: Sendable, Equatable {
    public enum Form: Sendable, Equatable {
        /// Either `good` or `bad` is given; the other is the rest of `total`.
        case ratio(good: MetricQuery?, bad: MetricQuery?, total: MetricQuery)
        /// A record is good when its value stands in this relation to `threshold`.
        case threshold(MetricQuery, Comparison, threshold: Double)
    }

    public enum Comparison: String, CaseIterable, Sendable { case lte, gte, lt, gt }

    public var name: String
    public var form: Form

    public init(name: String, form: Form) {
        self.name = name
        self.form = form
    }
}

/// An OpenSLO `metricSource` of type `CloudTrail`, `VPCFlow` or `Metric`.
public struct MetricQuery: Sendable, Equatable {
    public var source: EventKind
    /// A filter expression over `event`.
    public var filter: String?
    /// What to sum for each record; `nil` counts records.
    public var measure: FieldPath?
    /// An expression over `event` whose number is taken in place of `measure`, where no single field holds it: an
    /// average is a sum divided by a count. At most one of the two is given.
    public var measureExpression: String?
    /// Of metrics: the names that `filter` takes.
    public var metricNames: [String]
    /// Of metrics: whether they are declared to count since a start, for formats that leave it open.
    public var isCounter: Bool
    /// The fields by which records are counted apart.
    public var groupBy: [FieldPath] = []
    /// How many groups of these are kept apart at a time; `nil` where nothing is said.
    public var groupsMax: Int?

    public init(
        source: EventKind, filter: String? = nil, measure: FieldPath? = nil, measureExpression: String? = nil,
        metricNames: [String] = [], isCounter: Bool = false
    ) {
        self.source = source
        self.filter = filter
        self.measure = measure
        self.measureExpression = measureExpression
        self.metricNames = metricNames
        self.isCounter = isCounter
    }
}
