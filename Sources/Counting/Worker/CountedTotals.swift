import LockFree
import TelemetryModel

/// What a counting thread has counted and handed over since the process began, for metrics.
///
/// One writer, the thread, which adds a flush as it hands it over. Anyone reads, without a lock. Each number is exact and never
/// goes down; two of them are not of one moment.
package final class CountedTotals: Sendable {
    /// What is told by topic.
    package struct OfTopic: Sendable {
        package let topic: String
        package let messages = Counter()
        package let bytes = Counter()
        package let duplicates = Counter()
        package let conflicts = Counter()
        package let evictedIdentities = Counter()
    }

    package let topics: [OfTopic]
    package let decoded = EventKind.allCases.map { (kind: $0, count: Counter()) }
    package let late = EventKind.allCases.map { (kind: $0, count: Counter()) }
    package let deadLettered = RejectionReason.allCases.map { (reason: $0, count: Counter()) }
    package let auditRecords = Counter()
    /// Flushes that did not wait for the interval, because event time had passed an end at which something is judged.
    package let promptFlushes = Counter()
    package let auditRecordsTruncated = Counter()
    package let auditUndecided = Counter()
    /// How often reading has begun to wait for acknowledgements, and gone on.
    package let pauses = Counter()
    package let resumptions = Counter()

    package init(topics: [String]) {
        self.topics = topics.map { OfTopic(topic: $0) }
    }

    /// Adds what a flush says was seen. The writer only.
    func add(_ statistics: PipelineStatistics, topic: String) {
        for (kind, count) in decoded { count.add(statistics.decoded[kind]) }
        for (kind, count) in late { count.add(statistics.late[kind]) }
        if !statistics.deadLettered.isEmpty {
            for (reason, count) in deadLettered { count.add(statistics.deadLettered[reason]) }
        }
        auditRecords.add(statistics.auditRecords)
        auditRecordsTruncated.add(statistics.auditRecordsTruncated)
        auditUndecided.add(statistics.auditUndecided)
        guard let ofTopic = topics.first(where: { $0.topic == topic }) else { return }
        ofTopic.messages.add(statistics.messages)
        ofTopic.bytes.add(statistics.bytes)
        ofTopic.duplicates.add(statistics.duplicates)
        ofTopic.conflicts.add(statistics.conflicts)
        ofTopic.evictedIdentities.add(statistics.evictedIdentities)
    }
}

extension Counter {
    /// - Parameter more: since the last time; these counts never go down.
    fileprivate func add(_ more: Int?) { add(UInt64(more ?? 0)) }
}
