import TelemetryModel
import Text

extension AlertTransition {
    /// One window of a burn-rate alert, as it was when the alert changed.
    public struct BurnRateWindow: Sendable, Equatable {
        /// `1h`, `5m`.
        public var name: String
        /// A decimal number; `nil` where it is past all numbers (a target of 1) or nothing was counted.
        public var rate: String?
        /// These in 128 bits, because nothing bounds sums from outside.
        public var good: Int128
        public var total: Int128

        /// Less than the rest of total where slices are judged,
        /// of which some may be unknown.
        public var bad: Int128

        /// - Parameter bad: the rest of total where none is given.
        public init(name: String, rate: String?, good: Int128, total: Int128, bad: Int128? = nil) {
            self.name = name
            self.rate = rate
            self.good = good
            self.total = total
            self.bad = bad ?? total - good
        }

        var value: AlertValue {
            .object([
                "window": .text(name), "burn_rate": rate.map(AlertValue.number) ?? .null, "good": .number("\(good)"),
                "total": .number("\(total)"), "bad": .number("\(bad)"),
            ])
        }

        var sentence: String { "\(shownRate ?? "past all numbers") over \(name) (\(bad) of \(total) bad)" }

        /// With three significant digits.
        var shownRate: String? { rate.map { SentenceNumber.rounded($0) } }
    }

    /// What is judged by burn rates: an alert of an objective, as it is declared.
    public struct BurnRateRule: Sendable {
        public let objective: String
        public let service: String
        /// The alert's name within the objective.
        public let alert: String
        public let severity: AlertSeverity
        /// The objective's, as a decimal number.
        public let target: String
        /// The burn rate that both windows must exceed, as a decimal number.
        public let factor: String
        /// Records that the long window must hold.
        public let trafficFloor: Int64

        public init(
            objective: String, service: String, alert: String, severity: AlertSeverity, target: String, factor: String,
            trafficFloor: Int64
        ) {
            self.objective = objective
            self.service = service
            self.alert = alert
            self.severity = severity
            self.target = target
            self.factor = factor
            self.trafficFloor = trafficFloor
        }

        var dedupKey: DedupKey { DedupKey(kind: "slo", name: "\(objective)/\(alert)") }
        var labels: [String: String] { ["objective": objective, "service": service, "alert": alert] }
    }

    /// The transition of a burn-rate alert of an objective.
    ///
    /// A person reads that it burns at so many times the sustainable rate, which is a burn rate of 1: all of the budget in just the
    /// compliance window.
    public static func burnRate(
        _ rule: BurnRateRule, isFiring: Bool, time: Timestamp, openedAt: Timestamp, long: BurnRateWindow,
        short: BurnRateWindow, outlook: BudgetOutlook
    ) -> AlertTransition {
        let numbers = "\(long.sentence) and \(short.sentence)"
        let judgement =
            isFiring
            ? "The burn rate is \(numbers), both above \(rule.factor)."
            : "The burn rate is \(numbers): no longer both above \(rule.factor), on \(rule.trafficFloor) records or more."
        let reason = "\(judgement) In the compliance window \(outlook.remainder)."
        let speed = long.shownRate.map { "\($0)x the sustainable rate" } ?? "nothing may fail, and something does,"
        let summary =
            isFiring
            ? "\(rule.objective): \(speed) over \(long.name), \(long.bad) of \(long.total) bad; \(outlook.ending)"
            : "\(rule.objective): the error budget no longer burns too fast over \(long.name); \(outlook.remainder)"
        var alert = Alert(
            dedupKey: rule.dedupKey, severity: rule.severity, status: isFiring ? .open : .resolved, summary: summary,
            source: rule.service, time: time, openedAt: openedAt)
        alert.kind = "burn_rate"
        alert.labels = rule.labels
        alert.details = [
            "target": .number(rule.target), "factor": .number(rule.factor), "long": long.value, "short": short.value,
            "traffic_floor": .integer(rule.trafficFloor),
        ]
        return AlertTransition(alert: alert, reason: reason)
    }
}
