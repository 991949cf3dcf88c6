import Alerting
import Objectives
import Text

extension AlertTransition {
    /// The alert that a change of an objective's burn-rate alert makes.
    package init(burnRate transition: BurnRateTransition) {
        let (objective, alert) = (transition.objective, transition.alert)
        let rule = BurnRateRule(
            objective: objective.name, service: objective.service, alert: alert.name,
            severity: AlertSeverity(rawValue: alert.severity) ?? .warning, target: objective.target.decimal,
            factor: alert.factor.decimal, trafficFloor: alert.trafficFloor)
        self = .burnRate(
            rule, isFiring: transition.isFiring, time: transition.time, openedAt: transition.firingSince,
            long: BurnRateWindow(transition.long), short: BurnRateWindow(transition.short),
            outlook: BudgetOutlook(
                leftPercent: transition.forecast.leftPercent, isGone: transition.forecast.isGone,
                goneIn: transition.forecast.exhaustionNanoseconds))
    }
}

extension AlertTransition.BurnRateWindow {
    init(_ burnRate: BurnRate) {
        self.init(
            name: DurationText.text(burnRate.lookbackNanoseconds), rate: burnRate.text,
            good: burnRate.good, total: burnRate.total,
            bad: burnRate.bad)
    }
}
