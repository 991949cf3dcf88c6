import KafkaClient
import TelemetryModel

/// How far event time has come: the slowest partition decides, and one that was read to its end and is silent follows
/// the clock instead of holding the others back.
struct WatermarkBoard: Sendable {
    private struct Entry {
        var watermark: Timestamp?
        var isIdle: Bool
    }

    private var entries: [TopicPartition: Entry] = [:]
    private var reached: Timestamp?

    mutating func assign(_ partition: TopicPartition) {
        if entries[partition] == nil { entries[partition] = Entry(watermark: nil, isIdle: false) }
    }

    mutating func update(_ partition: TopicPartition, watermark: Timestamp?, isIdle: Bool) {
        entries[partition] = Entry(watermark: watermark, isIdle: isIdle)
    }

    mutating func remove(_ partition: TopicPartition) {
        entries[partition] = nil
    }

    /// The time up to which windows are over; it never goes back. `nil` before every partition was heard of.
    mutating func closedBefore(latenessNanoseconds: Int64, now: Timestamp) -> Timestamp? {
        var slowest = now
        for entry in entries.values where !entry.isIdle {
            guard let watermark = entry.watermark else { return reached }
            slowest = min(slowest, watermark)
        }
        if entries.isEmpty { return reached }
        let time = slowest.advanced(by: -latenessNanoseconds)
        reached = max(reached ?? time, time)
        return reached
    }
}
