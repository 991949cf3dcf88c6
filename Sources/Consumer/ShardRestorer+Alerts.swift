import Alerting
import Evaluation
import KafkaClient
import Logging
import Records
import Runtime

extension ShardRestorer {
    /// Brings the alerts of shards back, behind everything that they were judged by: from their states, or from the feed where
    /// there are none yet.
    func restoreAlerts(
        into shards: inout ShardRestoration, _ saved: inout Checkpoints, _ reader: StateTopicReader
    ) throws {
        try saved.readOnForAlerts(in: context.topics.checkpoints, reader)
        shards.takeAlertStates(saved.alerts)
        for shard in shards.lostAlerts {
            context.logger.warning(
                "the state of a shard's alerts is gone from the topic of checkpoints, and they are taken from the feed",
                metadata: ["shard": "\(shard)", "topic": "\(context.topics.checkpoints)"])
        }
        if !shards.withoutAlerts.isEmpty { shards.take(try feed(reader)) }
        for (standing, removal) in shards.unjudgedAlerts {
            let alert = standing.transition.alert
            context.logger.warning(
                """
                an alert is open that nothing judges any more: it is resolved after alerts.removedAfter unless what judged it is there \
                again
                """,
                metadata: [
                    "dedup_key": "\(alert.dedupKey)", "opened_at": "\(alert.openedAt)", "reason": "\(removal.reason)",
                ])
        }
    }

    private func feed(_ reader: StateTopicReader) throws -> FeedAlerts {
        var alerts = FeedAlerts()
        try reader.read(context.topics.alerts, Set(0..<Int32(context.partitions.alerts))) { partition, message in
            alerts.read(message, of: partition)
        }
        if let unreadable = alerts.unreadable { throw unreadable }
        return alerts
    }
}

extension FeedAlerts {
    mutating func read(_ message: Message, of partition: TopicPartition) {
        read(
            Array(copying: message.value), key: Array(copying: message.key),
            FeedMark(
                epoch: FeedHeaders.epoch(of: message), isPast: FeedHeaders.isPast(message),
                openAt: FeedHeaders.openAt(of: message)),
            at: TopicPlace(partition, offset: message.offset))
    }
}
