import Alerting
import TelemetryModel

/// From the feed's record to its turn, and from the log's acknowledgement to the next one.
extension DeliveryEngine {
    mutating func take(_ record: FeedRecord) {
        guard partitions[record.partition]?.phase == .running, record.offset >= partitions[record.partition]?.next ?? 0
        else { return }
        advance(record.partition, to: record.offset + 1)
        enqueue(Item(record: record))
    }

    mutating func advance(_ partition: Int32, to next: Int64) {
        guard let before = partitions[partition]?.next, next > before else { return }
        partitions[partition]?.next = next
        touched.insert(partition)
    }

    mutating func enqueue(_ item: Item) {
        let place = Place(partition: item.record.partition, key: item.record.transition.alert.dedupKey)
        partitions[place.partition]?.waiting += 1
        partitions[place.partition]?.bytes += item.record.value.count
        if item.isHistory { partitions[place.partition]?.historyLeft += 1 }
        touched.insert(place.partition)
        if partitions[place.partition]?.queues[place.key] != nil {
            partitions[place.partition]?.queues[place.key]?.items.append(item)
        } else {
            partitions[place.partition]?.queues[place.key] = Queue(items: [item])
            judge(place)
        }
    }

    /// Decides what becomes of the alert's oldest transition.
    private mutating func judge(_ place: Place) {
        guard partitions[place.partition]?.phase == .running,
            let item = partitions[place.partition]?.queues[place.key]?.items.first
        else { return }
        let entry = partitions[place.partition]?.log[place.key]
        // What the log has forgotten may have been sent.
        let isForgotten = entry == nil && item.record.asOf < rememberedSince
        let decision = NotificationEntry.decide(
            item.record, after: entry,
            isPast: isForgotten || item.record.isPast(limits.maxAgeNanoseconds), wasSentBefore: item.wasSentBefore)
        partitions[place.partition]?.queues[place.key]?.entry = decision.entry
        if let silence = decision.silence {
            effects.append(.count(.silent(silence)))
            if decision.entry == nil { finish(place) } else { log(place, isSent: false) }
        } else {
            partitions[place.partition]?.queues[place.key]?.state = .ready
            ready.append(place)
        }
    }

    /// Of what is older the log may have forgotten that it was sent. What may still page is never forgotten.
    var rememberedSince: Timestamp {
        now.wall.advanced(by: -max(limits.rememberedNanoseconds, limits.maxAgeNanoseconds))
    }

    /// Writes what is decided of the alert's oldest transition into the log.
    mutating func log(_ place: Place, isSent: Bool) {
        guard let entry = partitions[place.partition]?.queues[place.key]?.entry,
            let writer = partitions[place.partition]?.writer
        else { return }
        partitions[place.partition]?.queues[place.key]?.state = .logging(isSent: isSent)
        let former = partitions[place.partition]?.log.set(entry, of: place.key, writer: writer) ?? []
        // Behind the record that takes their place.
        let records = [(writer, entry)] + former.map { ($0, nil) }
        effects.append(.log(makeToken(for: place), records.map { makeRecord(place, $0, $1) }))
    }

    func makeRecord(_ place: Place, _ writer: Int32, _ entry: NotificationEntry?) -> NotificationRecord {
        NotificationRecord(sink: sink.name, partition: place.partition, key: place.key, writer: writer, entry: entry)
    }

    /// A dead letter or a record of the log is acknowledged.
    mutating func settle(_ token: DeliveryToken) {
        guard let place = tokens.removeValue(forKey: token),
            let state = partitions[place.partition]?.queues[place.key]?.state
        else { return }
        switch state {
        case .setApart: log(place, isSent: true)
        case .logging(let isSent):
            if isSent { inFlight -= 1 }
            finish(place)
        case .new, .ready, .delayed, .posting: break
        }
    }

    /// The alert's oldest transition is settled.
    private mutating func finish(_ place: Place) {
        guard let queue = partitions[place.partition]?.queues[place.key], let item = queue.items.first else { return }
        partitions[place.partition]?.waiting -= 1
        partitions[place.partition]?.bytes -= item.record.value.count
        if item.isHistory { partitions[place.partition]?.historyLeft -= 1 }
        touched.insert(place.partition)
        let rest = Array(queue.items.dropFirst())
        partitions[place.partition]?.queues[place.key] = rest.isEmpty ? nil : Queue(items: rest)
        if !rest.isEmpty { judge(place) }
    }
}
