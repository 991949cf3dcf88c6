import TelemetryModel

/// How the points of metrics are taken.
public struct MetricOptions: Sendable, Equatable {
    /// What a decoder does with the amounts of cumulative metrics, which are counted since the start of a process: adding them up
    /// would count everything again at each point.
    public enum Cumulative: Sendable, Hashable {
        /// As they came, for showing them.
        case asDelivered
        /// As differences to the point before of the same series: what was added in between. It needs all points of a series
        /// in one decoder, and in order.
        case differences
        /// Left out of the event, and said. For where a decoder sees parts of a series, or may begin anew in its middle.
        case refused
    }

    public var cumulative = Cumulative.asDelivered
    /// Names of metrics that are counters although their format does not say so.
    public var counters: Set<String>

    public init(cumulative: Cumulative = .asDelivered, counters: Set<String> = []) {
        self.cumulative = cumulative
        self.counters = counters
    }
}
