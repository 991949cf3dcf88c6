import Accounting
import LockFree
import TelemetryModel

/// How far a counting thread is with one of its partitions, as of one moment.
package struct LivePartition: Sendable, Equatable {
    package let source: SourcePartition
    /// The next offset that is to be counted.
    package let position: Int64
    /// The latest event time.
    package let eventTime: Timestamp?
    /// When the first message was begun that no flush covers, by the threads' clock; `nil` where there is none.
    package let unflushedSince: Duration?
    /// About what was counted since the last flush takes.
    package let heldBytes: Int
    /// Since the partition was assigned.
    package let events: Int
    /// Of them, those of flushes.
    package let eventsFlushed: Int
}

/// What a counting thread shows of its partitions while it goes on: a register for each.
///
/// The thread publishes after each batch and inside long messages; a reader sees all partitions of a thread as of one moment.
package struct LiveCounts: Sendable {
    private let table = SeqlockTable(width: Word.count)
    private let topics: [String]

    package init(topics: [String]) {
        self.topics = topics
    }

    /// Words of a register. The first is the topic's place among the inputs, plus 1, and the partition.
    private enum Word {
        static let position = 1
        static let eventTime = 2
        static let unflushedSince = 3
        static let heldBytes = 4
        static let events = 5
        static let eventsFlushed = 6
        static let count = 7

        /// Instead of an event time that there is not.
        static let none = Int64.min
    }

    /// In the order in which the thread took them. Any thread.
    package var partitions: [LivePartition] {
        let words = table.snapshot().words
        return stride(from: 0, to: words.count, by: Word.count).map { first in
            func number(_ word: Int) -> Int64 { Int64(bitPattern: words[first + word]) }
            let since = number(Word.unflushedSince)
            let time = number(Word.eventTime)
            return LivePartition(
                source: SourcePartition(
                    topic: topics[Int(words[first] >> 32) - 1],
                    partition: Int32(truncatingIfNeeded: words[first])),
                position: number(Word.position), eventTime: time == Word.none ? nil : Timestamp(nanoseconds: time),
                // 0 is none, so each is one nanosecond more than it is.
                unflushedSince: since == 0 ? nil : .nanoseconds(since - 1), heldBytes: Int(number(Word.heldBytes)),
                events: Int(number(Word.events)), eventsFlushed: Int(number(Word.eventsFlushed)))
        }
    }

    /// The one writer.
    func makeWriter() -> Writer { Writer(writer: table.makeWriter(), topics: topics) }

    /// The counting thread's side.
    struct Writer: ~Copyable {
        private var writer: SeqlockWriter
        private let topics: [String]

        fileprivate init(writer: consuming SeqlockWriter, topics: [String]) {
            self.writer = writer
            self.topics = topics
        }

        /// A register for a partition, at the position from which it is counted; `nil` where its topic is no input.
        mutating func add(_ source: SourcePartition, at position: Int64) -> Int? {
            guard let topic = topics.firstIndex(of: source.topic) else { return nil }
            writer.begin()
            defer { writer.end() }
            let tag = UInt64(topic + 1) << 32 | UInt64(UInt32(bitPattern: source.partition))
            let register = writer.add(tag: tag)
            writer.set(register, Word.position, UInt64(bitPattern: position))
            writer.set(register, Word.eventTime, UInt64(bitPattern: Word.none))
            return register
        }

        mutating func remove(_ register: Int) {
            writer.begin()
            writer.remove(register)
            writer.end()
        }

        /// Whether a reader needs the next publication to wait for it; see `SeqlockWriter`.
        mutating func shouldPostpone() -> Bool { writer.shouldPostpone() }

        mutating func begin() { writer.begin() }

        mutating func end() { writer.end() }

        /// Within a publication. Of a partition whose message is being counted only the time is shown, as the rest is in flux.
        mutating func set(_ register: Int, to state: PartitionState, isBeingCounted: Bool) {
            let since = state.unflushedSince.map { LiveCounts.nanoseconds($0) &+ 1 } ?? 0
            writer.set(register, Word.unflushedSince, UInt64(bitPattern: since))
            if isBeingCounted { return }
            let events = state.events
            writer.set(register, Word.position, UInt64(bitPattern: state.standing.next))
            writer.set(register, Word.eventTime, UInt64(bitPattern: state.eventTime?.nanoseconds ?? Word.none))
            writer.set(register, Word.heldBytes, UInt64(state.heldBytes))
            writer.set(register, Word.events, UInt64(events.counted))
            writer.set(register, Word.eventsFlushed, UInt64(events.flushed))
        }
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
    }
}
