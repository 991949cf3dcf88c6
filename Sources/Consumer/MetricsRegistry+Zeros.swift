import Accounting
import Alerting
import Observability
import Records
import TelemetryModel

extension MetricsRegistry {
    /// Makes the counters of a process begin at 0: one that only comes with its first event hides it from `increase()`. The
    /// totals of counting threads do by themselves.
    func beginCounters(of roles: Set<PipelineRole>, inputs: [String]) {
        if roles.contains(.count) {
            for topic in inputs {
                begin(.sourceGapRecords, [("topic", topic)])
                for cause in SourceGapCause.allCases {
                    begin(.sourceGaps, [("topic", topic), ("cause", cause.rawValue)])
                }
            }
            for result in ["done", "failed"] { begin(.offsetsCommitted, [("result", result)]) }
        }
        if roles.contains(.evaluate) {
            for reason in SourceChain<RegisterAmounts>.SkipReason.allCases {
                begin(.registersSkipped, [("reason", reason.rawValue)])
            }
            begin(.rollupCellsLate)
            begin(.rollupCellsForeign)
            begin(.rollupCellsFolded)
            begin(.objectiveHistoriesRemoved)
            begin(.objectiveAmountsUnknown)
            for status in AlertStatus.allCases { begin(.alertTransitions, [("status", status.rawValue)]) }
        }
    }
}
