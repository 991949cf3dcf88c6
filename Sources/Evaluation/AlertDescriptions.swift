import Alerting
import Planning
import TelemetryModel

/// What the resources say of themselves, for the alerts of their objectives and monitors.
package struct AlertDescriptions: Sendable {
    private let plan: PipelinePlan
    /// By name, made with the first alert.
    private lazy var objectives = Dictionary(
        uniqueKeysWithValues: plan.objectives.enumerated().map { ($1.name, $0) })

    package init(_ plan: PipelinePlan) {
        self.plan = plan
    }

    /// The transition with what the resource says that the alert is of.
    package mutating func described(_ transition: AlertTransition) -> AlertTransition {
        guard let resource = resource(of: transition.alert) else { return transition }
        var transition = transition
        transition.alert.describe(resource)
        return transition
    }

    private mutating func resource(of alert: Alert) -> ResourceDescription? {
        if let name = alert.labels["objective"] {
            return objectives[name].map { plan.description(ofObjective: $0) }
        }
        return plan.monitors.firstIndex { $0.definition.name == alert.labels["monitor"] }
            .map { plan.description(ofMonitor: $0) }
    }
}
