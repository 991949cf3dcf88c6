import Observability
import TestObjectives
import Testing

@testable import Consumer

@Suite struct CountersOfRolesTests {
    @Test func countersOfARoleBeginAtZeroAndKeepWhatTheyHaveCounted() throws {
        let plan = try CallsObjective.failuresAndNames()
        let metrics = MetricsRegistry()
        metrics.add(.sourceGapRecords, [("topic", "t")], by: 3)
        metrics.beginCounters(of: [.count], inputs: ["t", "u"], plan: plan)
        let text = metrics.exposition()
        #expect(text.contains("tidewatch_source_gap_records_total{topic=\"t\"} 3\n"))
        #expect(text.contains("tidewatch_source_gap_records_total{topic=\"u\"} 0\n"))
        #expect(text.contains("tidewatch_offset_commits_total{result=\"failed\"} 0\n"))
        #expect(!text.contains("tidewatch_register_entries_skipped_total"))
        metrics.beginCounters(of: [.evaluate], inputs: [], plan: plan)
        #expect(metrics.exposition().contains("tidewatch_register_entries_skipped_total{reason=\"superseded\"} 0\n"))
        #expect(metrics.exposition().contains("tidewatch_rollup_cells_folded_total{name=\"names\"} 0\n"))
    }
}
