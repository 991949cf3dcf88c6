import Accounting

/// Tells the shards what source partitions amount to, and has committed only what every shard has acknowledged.
///
/// In this order, each step acknowledged before the next begins: the records that the ranges put into other topics; the
/// updates of all shards; the commit. A flush that goes over a gap is the last of its group, and what follows waits until all of
/// it is acknowledged: a successor must not find shards on both sides of counts.
///
/// It has no clock, thread or Kafka: what happens comes in, what is to be done comes out, and the same inputs give the same
/// effects.
package struct PublisherDriver {
    private struct Group {
        let flushes: [PartitionFlush]
        let began: Duration
    }

    private enum State {
        case idle
        case awaitingRecords(Group)
        /// - Parameter logEnds: offsets that lie before the group's updates.
        case awaitingUpdates(Group, logEnds: [Int64])
        /// Something could not be published: whatever comes is let go, and its next owner reads it again.
        case failed
    }

    private var state = State.idle
    /// Behind the group that is on its way.
    private var waiting: ArraySlice<ArraySlice<PartitionFlush>> = []

    private let tellsState: Bool

    /// - Parameter tellsState: the updates tell the sources' states.
    package init(tellsState: Bool = false) {
        self.tellsState = tellsState
    }

    package mutating func step(_ input: PublisherInput) -> [PublisherEffect] {
        switch (state, input) {
        case (.idle, .flushes(let flushes, let now)):
            waiting = PublisherDriver.groups(of: flushes)[...]
            return begin(at: now)
        case (.awaitingRecords(let group), .acknowledged(let logEnds, _)):
            state = .awaitingUpdates(group, logEnds: logEnds)
            return group.flushes.map { .send($0) } + [.awaitUpdates]
        case (.awaitingUpdates(let group, let logEnds), .acknowledged(_, let now)):
            let commits = commits(of: group.flushes, logEnds)
            return [
                .commit(commits, thenRelease: group.flushes.compactMap(\.released)),
                .published(group.flushes, took: now - group.began),
            ] + begin(at: now)
        case (.awaitingRecords(let group), .unacknowledged), (.awaitingUpdates(let group, _), .unacknowledged):
            state = .failed
            defer { waiting = [] }
            return PublisherDriver.release(group.flushes + waiting.joined())
        case (.failed, .flushes(let flushes, _)): return PublisherDriver.release(flushes)
        case (.awaitingRecords, .flushes), (.awaitingUpdates, .flushes):
            preconditionFailure("nothing happens before what was sent is acknowledged")
        case (.idle, .acknowledged), (.idle, .unacknowledged), (.failed, .acknowledged), (.failed, .unacknowledged):
            preconditionFailure("nothing was waited for")
        }
    }

    private mutating func begin(at now: Duration) -> [PublisherEffect] {
        guard let flushes = waiting.popFirst() else {
            state = .idle
            return []
        }
        state = .awaitingRecords(Group(flushes: Array(flushes), began: now))
        return [.awaitRecords(through: flushes.map(\.sentThrough).max() ?? 0)]
    }

    private static func groups(of flushes: [PartitionFlush]) -> [ArraySlice<PartitionFlush>] {
        var groups: [ArraySlice<PartitionFlush>] = []
        var rest = flushes[...]
        while !rest.isEmpty {
            let last = rest.firstIndex { $0.gap != nil } ?? rest.endIndex - 1
            groups.append(rest[...last])
            rest = rest[(last + 1)...]
        }
        return groups
    }

    private static func release(_ flushes: [PartitionFlush]) -> [PublisherEffect] {
        let tokens = flushes.compactMap(\.released)
        return tokens.isEmpty ? [] : [.release(tokens)]
    }

    /// One for each partition and epoch, also where no offset has moved: the hint has, and a successor reads the logs from
    /// there.
    private func commits(of flushes: [PartitionFlush], _ logEnds: [Int64]) -> [SourceCommit] {
        // The first flush, before whose updates `logEnds` lies, and the end of the last.
        var spans: [SourcePartition: [OwnerEpoch: (first: PartitionFlush, end: Int64)]] = [:]
        for flush in flushes {
            let first = spans[flush.source]?[flush.epoch]?.first ?? flush
            spans[flush.source, default: [:]][flush.epoch] = (first, flush.range.to.offset)
        }
        return spans.sorted { $0.key < $1.key }.flatMap { source, epochs in
            epochs.sorted { $0.key < $1.key }.map { epoch, span in
                let places = zip(logEnds, span.first.chainEnds).map { OwnerHint.Place(offset: $0, through: $1) }
                return SourceCommit(
                    source: source, epoch: epoch, offset: span.end,
                    hint: OwnerHint(epoch: epoch, places: places, tellsState: tellsState))
            }
        }
    }
}
