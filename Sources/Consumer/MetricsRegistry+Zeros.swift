import Accounting
import Alerting
import Observability
import Records
import TelemetryModel

extension MetricsRegistry {
    /// Makes the counters of a process begin at 0: one that only comes with its first event hides it from `increase()`.
    func beginCounters(of roles: Set<PipelineRole>, inputs: [String]) {
        if roles.contains(.count) {
            for topic in inputs {
                for family in [
                    MetricFamily.messagesConsumed, .bytesConsumed, .eventsDuplicate, .identitiesEvicted,
                    .sourceGapRecords,
                ] {
                    begin(family, [("topic", topic)])
                }
                for cause in SourceGapCause.allCases {
                    begin(.sourceGaps, [("topic", topic), ("cause", cause.rawValue)])
                }
            }
            for kind in EventKind.allCases {
                for family in [MetricFamily.eventsDecoded, .eventsLate] { begin(family, [("type", kind.rawValue)]) }
            }
            for reason in RejectionReason.allCases { begin(.eventsDeadLettered, [("reason", reason.rawValue)]) }
            for result in ["done", "failed"] { begin(.offsetsCommitted, [("result", result)]) }
            begin(.auditRecords)
            begin(.auditRecordsTruncated)
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
