import TelemetryModel

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

        var sentence: String { "\(rate ?? "past all numbers") over \(name) (\(bad) of \(total) bad)" }
    }

    /// The transition of a burn-rate alert of an objective.
    ///
    /// - Parameters:
    ///   - alert: the alert's name within the objective.
    ///   - target: the objective's, as a decimal number.
    ///   - factor: the burn rate that both windows must exceed, as a decimal number.
    public static func burnRate(
        objective: String, service: String, alert: String, severity: AlertSeverity, isFiring: Bool, time: Timestamp,
        openedAt: Timestamp, target: String, factor: String, trafficFloor: Int64, long: BurnRateWindow,
        short: BurnRateWindow
    ) -> AlertTransition {
        let numbers = "\(long.sentence) and \(short.sentence)"
        let reason =
            isFiring
            ? "The burn rate is \(numbers), both above \(factor)."
            : "The burn rate is \(numbers): no longer both above \(factor), on \(trafficFloor) records or more."
        let speed = long.rate.map { "\($0) times too fast" } ?? "with a target of 1 and failures"
        let summary =
            isFiring
            ? "\(objective): the error budget burns \(speed) over \(long.name), \(long.bad) of \(long.total) bad"
            : "\(objective): the error budget no longer burns too fast over \(long.name)"
        return AlertTransition(
            alert: Alert(
                dedupKey: DedupKey(kind: "slo", name: "\(objective)/\(alert)"), severity: severity,
                status: isFiring ? .open : .resolved, summary: summary, source: service,
                kind: "burn_rate", time: time, openedAt: openedAt,
                labels: ["objective": objective, "service": service, "alert": alert],
                details: [
                    "target": .number(target), "factor": .number(factor), "traffic_floor": .integer(trafficFloor),
                    "long": long.value, "short": short.value,
                ]),
            reason: reason)
    }
}
