import Accounting
import Consumer
import Counting
import Objectives
import Observability

/// Reads all that there is to read, and checks that it is of one moment and never goes back.
final class Reader {
    private let outputs: [WorkerOutput]
    private let readings: EvaluationReadings
    private let metrics: MetricsRegistry
    private var positions: [SourcePartition: Int64] = [:]
    private var messages: UInt64 = 0
    private var totals: [String: Int128] = [:]
    private(set) var rounds = 0

    init(_ outputs: [WorkerOutput], _ readings: EvaluationReadings, _ metrics: MetricsRegistry) {
        self.outputs = outputs
        self.readings = readings
        self.metrics = metrics
    }

    func read() {
        rounds += 1
        for output in outputs { check(output.live.partitions, output) }
        checkSnapshots()
        if rounds % 8 == 0 {
            let text = metrics.exposition()
            Legality.check(text.contains("tidewatch_messages_consumed_total{topic=\"trail\"}"), "no totals in /metrics")
        }
    }

    private func check(_ partitions: [LivePartition], _ output: WorkerOutput) {
        // Read after the live counts, so all that those call flushed is in it.
        let handedOver = output.totals.decoded.reduce(0) { $0 + $1.count.value }
        var flushed = 0
        for live in partitions {
            let before = positions.updateValue(live.position, forKey: live.source) ?? 0
            Legality.check(live.position >= before, "\(live.source) went back from \(before) to \(live.position)")
            Legality.check(live.eventsFlushed <= live.events, "\(live) flushed more than it counted")
            Legality.check(live.events % Feed.eventsOfMessage == 0, "\(live) shows half a message")
            // The other begins anew now and then.
            if live.source.partition == 0 {
                Legality.check(
                    live.events == Int(live.position) * Feed.eventsOfMessage, "\(live) mixes two moments")
            }
            Legality.check(
                (live.unflushedSince == nil) == (live.events == live.eventsFlushed),
                "\(live): what is unflushed has a time, and nothing else")
            flushed += live.eventsFlushed
        }
        Legality.check(UInt64(flushed) <= handedOver, "\(flushed) events were flushed, \(handedOver) handed over")
    }

    private func checkSnapshots() {
        let entries = readings.current.values.flatMap(\.report.entries)
        // Read after the snapshot, which knows only what was handed over before it was made.
        let counted = outputs.reduce(0) { $0 + $1.totals.decoded.reduce(0) { $0 + $1.count.value } }
        var sum: Int128 = 0
        for entry in entries {
            let before = totals.updateValue(entry.total, forKey: entry.terms.name) ?? 0
            Legality.check(
                entry.total >= before, "\(entry.terms.name) went back from \(before) to \(entry.total)")
            Legality.check(entry.good <= entry.total, "\(entry.terms.name) has \(entry.good) of \(entry.total)")
            sum += entry.total
        }
        Legality.check(sum <= Int128(counted), "\(sum) events in snapshots, \(counted) handed over")
        let messages = outputs.reduce(0) { $0 + $1.totals.topics.reduce(0) { $0 + $1.messages.value } }
        Legality.check(messages >= self.messages, "messages went back from \(self.messages) to \(messages)")
        self.messages = messages
    }
}
