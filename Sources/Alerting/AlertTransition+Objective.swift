import TelemetryModel

extension AlertTransition {
    /// The detail that says which group of its objective an alert is of; one of an objective without groups doesn't have it.
    public static let groupDetail = "group"

    /// An alert of an objective, as it is declared.
    public struct ObjectiveRule: Sendable {
        /// A field by which the objective has groups.
        public struct Column: Sendable, Equatable {
            public let name: String
            /// `nil` where the group's records don't have the field.
            public let value: String?

            public init(name: String, value: String?) {
                self.name = name
                self.value = value
            }
        }

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
        /// Which of the objective's groups it is of; empty where it has none.
        public var group: [Column] = []

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

        var dedupKey: DedupKey { .ofObjective(objective, alert: alert, group: group) }

        /// A column without a value is no label.
        var labels: [String: String] {
            group.reduce(into: [:]) { $0[$1.name] = $1.value }
                .merging(["objective": objective, "service": service, "alert": alert]) { $1 }
        }

        /// For people: the objective, and behind it its group.
        var title: String { group.isEmpty ? objective : "\(objective){\(groupText)}" }
        var groupText: String { group.map { "\($0.name)=\($0.value ?? "-")" }.joined(separator: ", ") }
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
            summary: "\(rule.title): \(summary)", source: rule.service, time: time, openedAt: openedAt)
        alert.kind = findings.first?.kind
        alert.labels = rule.labels
        alert.details = findings.reversed().reduce(into: [:]) { $0.merge($1.details) { _, first in first } }
        alert.details["target"] = .number(rule.target)
        alert.details["confidence"] = .number(rule.confidence)
        if !rule.group.isEmpty { alert.details[groupDetail] = .text(rule.groupText) }
        let confidence = findings.contains(where: \.isTested) ? rule.confidence : nil
        let reason =
            isFiring
            ? FindingSentences.reasonOfOpening(sentences, confidence: confidence)
            : FindingSentences.reasonOfEnd(sentences, keptFor: rule.keepFiringFor)
        return AlertTransition(alert: alert, reason: reason)
    }
}

extension DedupKey {
    public static func ofObjective(
        _ objective: String, alert: String, group: [AlertTransition.ObjectiveRule.Column]
    ) -> DedupKey {
        DedupKey(kind: "slo", name: "\(objective)/\(alert)", columns: group.map { ($0.name, $0.value) })
    }
}
