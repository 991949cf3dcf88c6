import Accounting
import Alerting
import Observability
import Planning
import Records
import TelemetryModel

extension MetricsRegistry {
    /// Makes the counters of a process begin at 0: one that only comes with its first event hides it from `increase()`. The
    /// totals of counting threads do by themselves.
    func beginCounters(of roles: Set<PipelineRole>, inputs: [String], plan: PipelinePlan) {
        if roles.contains(.count) {
            for topic in inputs {
                begin(.sourceGapRecords, [("topic", topic)])
                begin(.chainsSuperseded, [("topic", topic)])
                for cause in SourceGapCause.allCases {
                    begin(.sourceGaps, [("topic", topic), ("cause", cause.rawValue)])
                }
            }
            for result in ["done", "failed"] { begin(.offsetsCommitted, [("result", result)]) }
        }
        if roles.contains(.evaluate) {
            for reason in SourceChain<ChangelogAmounts>.SkipReason.allCases {
                begin(.registersSkipped, [("reason", reason.rawValue)])
            }
            begin(.rollupCellsLate)
            begin(.rollupCellsForeign)
            for rollup in plan.rollups { begin(.rollupCellsFolded, [("name", rollup.plan.definition.name)]) }
            for monitor in plan.monitors { begin(.monitorGroupsUntracked, [("monitor", monitor.definition.name)]) }
            begin(.objectiveHistoriesRemoved)
            begin(.objectiveAmountsUnknown)
            for status in AlertStatus.allCases { begin(.alertTransitions, [("status", status.rawValue)]) }
        }
    }
}
