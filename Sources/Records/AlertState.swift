import Alerting
import TelemetryModel

/// The alerts of a shard as its evaluator knows them at a place of its log: what a restart brings back.
///
/// **Why it is neither in the checkpoint nor read back from the feed.** A checkpoint is written last, after the windows. Were the alerts in
/// it, a crash before it would leave windows that were judged beside alerts from before the judgement, and those windows may
/// hold late records that it did not see: judged again, they might say otherwise. So alerts are acknowledged before the windows
/// that they were judged by, in records of their own; and these are written when an alert changed, not with each checkpoint, which stays
/// as small as it is. The feed is compacted by arrival, and knows no event time: a late record of an evaluator that was declared
/// dead could be all that is left of an alert there.
///
/// **Why it is exact.** The alerts' records in the feed are acknowledged before the state is written, and the state before the windows. A crash
/// before the state leaves one from before: the log is read again from there, and the same judgements are announced again, the same
/// to the byte, under the new owner's epoch. A crash after it leaves a state that is further than checkpoint, windows or monitors:
/// what they decide again by `judgedThrough` was announced. A state is a function of the log up to `next`, so that
/// no matter who wrote it, dead or alive, the one that is furthest counts.
package struct AlertState: Sendable, Equatable {
    /// The log's next offset that it does not include.
    package var next: Int64
    /// Event time up to which everything was judged, and announced where it changed an alert.
    package var judgedThrough: EventTimes
    /// All judgements of objectives' slices that are dated by then were made.
    package var decidedThrough: EventTimes
    /// The oldest first.
    package var open: [AlertStanding]
    /// The newest first.
    package var endings: [AlertEnding]

    /// - Parameter decidedThrough: `nil` where a slice is judged once, or where it isn't told.
    package init(
        next: Int64, judgedThrough: EventTimes?, decidedThrough: EventTimes? = nil, open: [AlertStanding],
        endings: [AlertEnding]
    ) {
        self.next = next
        self.judgedThrough = judgedThrough ?? EventTimes()
        self.decidedThrough = decidedThrough ?? self.judgedThrough
        self.open = open
        self.endings = endings
    }

    /// The same in records that a topic takes, each of them with what it is a part of.
    ///
    /// - Parameter sequence: rises with each state that the owner writes.
    package func records(
        shard: Int32, epoch: Int64, sequence: Int, bytesMax: Int = OutputTopics.valueBytesMax
    ) -> [AlertStateRecord] {
        var frame = self
        (frame.open, frame.endings) = ([], [])
        var parts = [frame]
        var room = bytesMax - AlertStateRecord.frameBytes
        func take(_ bytes: Int, _ put: (inout AlertState) -> Void) {
            if bytes > room, parts.last.map({ !$0.open.isEmpty || !$0.endings.isEmpty }) == true {
                parts.append(frame)
                room = bytesMax - AlertStateRecord.frameBytes
            }
            room -= bytes
            put(&parts[parts.count - 1])
        }
        for standing in open { take(standing.json.count + 1) { $0.open.append(standing) } }
        for ending in endings { take(ending.json.count + 1) { $0.endings.append(ending) } }
        return parts.enumerated().map { place, share in
            AlertStateRecord(
                place: AlertStateRecord.Place(shard: shard, epoch: epoch, sequence: sequence, part: place),
                parts: parts.count,
                share: share)
        }
    }
}

/// The states of some shards among the records of the topic of checkpoints, which come in any order.
package struct AlertStates: Sendable {
    private struct Version: Hashable, Comparable {
        let next: Int64
        let epoch: Int64
        let sequence: Int

        static func < (left: Version, right: Version) -> Bool {
            (left.next, left.epoch, left.sequence) < (right.next, right.epoch, right.sequence)
        }
    }

    private var parts: [Int32: [Version: [Int: AlertStateRecord]]] = [:]

    package init() {}

    package mutating func take(_ record: AlertStateRecord) {
        let place = record.place
        let version = Version(next: record.share.next, epoch: place.epoch, sequence: place.sequence)
        parts[place.shard, default: [:]][version, default: [:]][place.part] = record
        // What lies before one that is whole is not asked for any more.
        guard let newest = newestWhole(of: place.shard) else { return }
        parts[place.shard] = parts[place.shard]?.filter { $0.key >= newest }
    }

    /// The state of the shard that is whole and includes most of the log; of equal ones that of the highest epoch, and
    /// its last.
    package func newest(of shard: Int32) -> AlertState? {
        guard let version = newestWhole(of: shard), let records = parts[shard]?[version] else { return nil }
        let shares = records.sorted { $0.key < $1.key }.map(\.value.share)
        return AlertState(
            next: version.next, judgedThrough: shares.first?.judgedThrough,
            decidedThrough: shares.first?.decidedThrough, open: shares.flatMap(\.open),
            endings: shares.flatMap(\.endings))
    }

    private func newestWhole(of shard: Int32) -> Version? {
        parts[shard]?.filter { _, parts in parts.values.first.map { $0.parts == parts.count } ?? false }.keys.max()
    }
}
