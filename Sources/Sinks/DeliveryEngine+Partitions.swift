import Alerting
import TelemetryModel

/// How partitions come, go, and are restored.
extension DeliveryEngine {
    private static let forgetInterval: Int64 = 3_600_000_000_000
    private static let forgottenMax = 100

    /// Keeps the latest of each alert: of what lies before the start only that counts.
    mutating func keep(_ record: FeedRecord) {
        let key = record.transition.alert.dedupKey
        guard partitions[record.partition]?.phase == .restoring else { return }
        if let held = partitions[record.partition]?.history[key], record.revision <= held.revision { return }
        let isOpen = record.transition.alert.status == .open
        partitions[record.partition]?.history[key] = isOpen ? record : record.withoutBytes
    }

    mutating func begin(_ number: Int32, _ start: FeedStart, next: Int64, _ writer: Int32) {
        guard var partition = partitions[number], partition.phase == .restoring else { return }
        let history = partition.history.values.sorted {
            ($0.transition.alert.openedAt, $0.offset) < ($1.transition.alert.openedAt, $1.offset)
        }
        partition.history = [:]
        partition.phase = .running
        partition.writer = writer
        partition.next = next
        partition.forgetAt = now.monotonic
        if start == .resumed { partition.committed = next }
        partitions[number] = partition
        touched.insert(number)
        if start == .resumed { return }
        for record in history { enqueue(Item(record: record, wasSentBefore: start == .takenOver, isHistory: true)) }
    }

    /// What was read is settled in its order all the same: it is judged by event time, whatever its topic.
    mutating func restart(_ number: Int32, at next: Int64) {
        guard var partition = partitions[number], partition.phase != .restoring else { return }
        if next >= partition.next { return advance(number, to: next) }
        // Of the history that is not settled yet nothing can be read again, so no offset waits for it.
        for key in partition.queues.keys {
            for index in partition.queues[key]?.items.indices ?? 0..<0 {
                partition.queues[key]?.items[index].isHistory = false
            }
        }
        (partition.next, partition.committed, partition.historyLeft) = (next, nil, 0)
        partitions[number] = partition
        touched.insert(number)
    }

    mutating func leave(_ number: Int32) {
        guard partitions[number]?.phase == .running else { return drop(number) }
        partitions[number]?.phase = .leaving
    }

    /// Forgets the partition. What was on its way is its next owner's to send.
    mutating func drop(_ number: Int32) {
        guard let partition = partitions.removeValue(forKey: number) else { return }
        inFlight -= partition.queues.values.count { $0.state.isInFlight }
        tokens = tokens.filter { $0.value.partition != number }
        delayed = delayed.filter { $0.key.partition != number }
        ready.removeAll { $0.partition == number }
        failing = failing.filter { $0.partition != number }
        touched.remove(number)
        if failing.isEmpty { trouble = nil }
    }

    /// Takes alerts out of the log of which the feed knows nothing any more either.
    mutating func forget(_ number: Int32) {
        guard partitions[number]?.phase == .running, let due = partitions[number]?.forgetAt, now.monotonic >= due,
            // An alert that is being settled writes its own record.
            let inUse = partitions[number].map({ Set($0.queues.keys) })
        else { return }
        let since = rememberedSince
        let forgotten =
            partitions[number]?.log.forget(
                before: since, atMost: DeliveryEngine.forgottenMax, unless: inUse.contains) ?? []
        let isMore = forgotten.count == DeliveryEngine.forgottenMax
        partitions[number]?.forgetAt = isMore ? now.monotonic : now.monotonic + DeliveryEngine.forgetInterval
        if forgotten.isEmpty { return }
        let records = forgotten.flatMap { key, writers in
            writers.map { makeRecord(Place(partition: number, key: key), $0, nil) }
        }
        effects.append(.log(makeToken(), records))
    }
}
