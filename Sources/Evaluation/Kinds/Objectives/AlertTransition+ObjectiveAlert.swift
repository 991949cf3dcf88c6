import Alerting
import Objectives
import TelemetryModel
import Text

extension AlertTransition {
    /// The alert that a change of an objective's alert makes.
    package init(_ transition: ObjectiveAlertTransition) {
        let (objective, alert) = (transition.objective, transition.alert)
        let kept = alert.keepFiringForNanoseconds
        var rule = ObjectiveRule(
            objective: objective.name, service: objective.service, alert: alert.name,
            severity: AlertSeverity(rawValue: alert.severity) ?? .warning, target: objective.target.decimal,
            confidence: alert.confidence.decimal, keepFiringFor: kept > 0 ? DurationText.text(kept) : nil)
        rule.group = objective.group?.alertColumns ?? []
        self = .objective(
            rule, isFiring: transition.isFiring, time: transition.time, openedAt: transition.firingSince,
            findings: transition.findings.map(ObjectiveFinding.init))
        sources = transition.sources.prefix(AlertTransition.sourcesMax).map(AlertSource.init)
        sourcesLeftOut = transition.sources.count - sources.count
        if transition.isEndOfGroup {
            self = ended(by: .groupSilent(for: objective.window.text), at: transition.time)
            return
        }
        // Decided later, by what has arrived until then.
        if transition.sliceEnd != transition.time {
            self.alert.details["slice_end"] = .text(transition.sliceEnd.description)
        }
    }
}

extension AlertSource {
    fileprivate init(_ span: SourceSpan) {
        switch span.source {
        case .file(let name):
            self.init(first: .file(name: name, record: Int(clamping: span.first)), last: span.last)
        case .kafka(let topic, let partition, let incarnation):
            self.init(
                first: .kafka(topic: topic, partition: partition, offset: span.first, record: 0), last: span.last,
                incarnation: incarnation)
        }
    }
}

extension ObjectiveFinding {
    init(_ finding: AlertFinding) {
        self =
            switch finding {
            case .burnRate(let factor, let long, let short, let forecast):
                .burnRate(
                    factor: factor.decimal, long: BurnRateWindow(long), short: BurnRateWindow(short),
                    outlook: BudgetOutlook(
                        left: forecast.left, isGone: forecast.isGone,
                        goneIn: forecast.exhaustionNanoseconds))
            case .budgetLeft(let left, let below): .budgetLeft(left, below: below.decimal)
            case .budgetDrop(let drop, let above, let rate):
                .budgetDrop(drop, above: above.decimal, window: BurnRateWindow(rate))
            case .timeToExhaustion(let time, let below, let left, let rate):
                .timeToExhaustion(
                    time.map(BudgetOutlook.minutes), below: DurationText.text(below), budgetLeft: left,
                    window: BurnRateWindow(rate))
            case .noData(let length): .noData(DurationText.text(length))
            }
    }
}

extension ObjectiveFinding.BurnRateWindow {
    init(_ burnRate: BurnRate) {
        self.init(
            name: DurationText.text(burnRate.lookbackNanoseconds), rate: burnRate.text,
            good: burnRate.good, total: burnRate.total,
            bad: burnRate.bad)
    }
}

extension ObjectiveGroup {
    var alertColumns: [AlertTransition.ObjectiveRule.Column] {
        zip(columns, values).map { AlertTransition.ObjectiveRule.Column(name: $0, value: $1) }
    }
}
