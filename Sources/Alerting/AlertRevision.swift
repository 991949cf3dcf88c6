import TelemetryModel

/// Which of two records of one alert says the later thing.
///
/// By event time; then by the epoch of the evaluator that published it, because an owner that was declared dead may write late;
/// then by status: an alert that ends and opens again at one moment ends first. The order in a topic decides nothing.
public struct AlertRevision: Sendable, Comparable {
    /// Event time at which the alert was as the record says: of its change, or later where it is said again.
    public let time: Timestamp
    /// 0 where none is said.
    public let epoch: Int64
    public let isOpen: Bool

    public init(time: Timestamp, epoch: Int64 = 0, isOpen: Bool) {
        (self.time, self.epoch, self.isOpen) = (time, epoch, isOpen)
    }

    public static func < (left: AlertRevision, right: AlertRevision) -> Bool {
        if (left.time, left.epoch) != (right.time, right.epoch) {
            return (left.time, left.epoch) < (right.time, right.epoch)
        }
        return !left.isOpen && right.isOpen
    }
}
