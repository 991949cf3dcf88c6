import TelemetryModel

extension AlertTransition {
    /// An alert of an objective, as it is declared.
    public struct ObjectiveRule: Sendable {
        public let objective: String
        public let service: String
        /// The alert's name within the objective.
        public let alert: String
        public let severity: AlertSeverity
        /// The objective's, as a decimal number.
        public let target: String
        /// How sure it has to be that a threshold is exceeded before the alert opens, as a decimal number.
        public let confidence: String
        /// For how long no condition must have held before it is resolved; `nil` where that takes no time.
        public let keepFiringFor: String?

        public init(
            objective: String, service: String, alert: String, severity: AlertSeverity, target: String,
            confidence: String, keepFiringFor: String?
        ) {
            self.objective = objective
            self.service = service
            self.alert = alert
            self.severity = severity
            self.target = target
            self.confidence = confidence
            self.keepFiringFor = keepFiringFor
        }

        var dedupKey: DedupKey { DedupKey(kind: "slo", name: "\(objective)/\(alert)") }
        var labels: [String: String] { ["objective": objective, "service": service, "alert": alert] }
    }

    /// The transition of an objective's alert.
    ///
    /// - Parameter findings: one or more. The conditions that made it open; where it is resolved, all that it has.
    public static func objective(
        _ rule: ObjectiveRule, isFiring: Bool, time: Timestamp, openedAt: Timestamp, findings: [ObjectiveFinding]
    ) -> AlertTransition {
        let sentences = findings.map(\.sentences)
        let summary =
            (isFiring ? sentences.first?.summary : FindingSentences.summaryOfEnd(sentences)) ?? rule.alert
        var alert = Alert(
            dedupKey: rule.dedupKey, severity: rule.severity, status: isFiring ? .open : .resolved,
            summary: "\(rule.objective): \(summary)", source: rule.service, time: time, openedAt: openedAt)
        alert.kind = findings.first?.kind
        alert.labels = rule.labels
        alert.details = findings.reversed().reduce(into: [:]) { $0.merge($1.details) { _, first in first } }
        alert.details["target"] = .number(rule.target)
        alert.details["confidence"] = .number(rule.confidence)
        let confidence = findings.contains(where: \.isTested) ? rule.confidence : nil
        let reason =
            isFiring
            ? FindingSentences.reasonOfOpening(sentences, confidence: confidence)
            : FindingSentences.reasonOfEnd(sentences, keptFor: rule.keepFiringFor)
        return AlertTransition(alert: alert, reason: reason)
    }
}
