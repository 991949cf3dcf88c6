import Alerting
import TelemetryModel

/// What a sink was told of the alerts of one partition of the feed.
///
/// Its records are kept in a compacted topic, by the partition of the feed, so that whoever reads the one has the log of it.
/// Each writer has keys of its own: a member that was declared dead may write late, and compaction, which
/// knows no event time, must not take that for the newest. A reader takes the latest of all writers.
struct NotificationLog: Sendable, Equatable {
    private struct Held: Sendable, Equatable {
        var entry: NotificationEntry
        /// Who wrote it.
        var writer: Int32
        /// Records of former writers that are still in the topic.
        var superseded: Set<Int32> = []
    }

    private var held: [DedupKey: Held] = [:]

    var count: Int { held.count }

    subscript(key: DedupKey) -> NotificationEntry? { held[key]?.entry }

    /// Takes a record of the topic, in its order; nil is a tombstone.
    mutating func restore(_ entry: NotificationEntry?, of key: DedupKey, writer: Int32) {
        guard let entry else {
            held[key]?.superseded.remove(writer)
            if held[key]?.writer == writer { held[key] = nil }
            return
        }
        guard var now = held[key] else {
            held[key] = Held(entry: entry, writer: writer)
            return
        }
        if now.writer == writer {
            // Its own older record: what it writes rises.
            if now.entry.revision <= entry.revision { now.entry = entry }
        } else if (entry.revision, writer) > (now.entry.revision, now.writer) {
            now.superseded.insert(now.writer)
            now.superseded.remove(writer)
            (now.entry, now.writer) = (entry, writer)
        } else {
            now.superseded.insert(writer)
        }
        held[key] = now
    }

    /// Sets what is held of a key. Its record is still to be written; until that is acknowledged nothing else is decided of the
    /// key, and its offset is not committed.
    ///
    /// - Returns: former writers whose records of the key are to be taken back now.
    mutating func set(_ entry: NotificationEntry, of key: DedupKey, writer: Int32) -> [Int32] {
        var former = held[key]?.superseded ?? []
        if let before = held[key]?.writer { former.insert(before) }
        former.remove(writer)
        held[key] = Held(entry: entry, writer: writer)
        return former.sorted()
    }

    /// Takes out keys of which nothing is open and nothing came since `time`, at most `count` of them.
    ///
    /// - Returns: whose records are to be taken back.
    mutating func forget(
        before time: Timestamp, atMost count: Int, unless isInUse: (DedupKey) -> Bool
    ) -> [(key: DedupKey, writers: [Int32])] {
        var forgotten: [(DedupKey, [Int32])] = []
        for (key, value) in held where value.entry.said != .open && value.entry.time < time {
            if forgotten.count == count { break }
            if isInUse(key) { continue }
            forgotten.append((key, (value.superseded.union([value.writer])).sorted()))
        }
        for (key, _) in forgotten { held[key] = nil }
        return forgotten.map { (key: $0.0, writers: $0.1) }
    }
}
