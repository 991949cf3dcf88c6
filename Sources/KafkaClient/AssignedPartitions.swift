import CRDKafka

/// A worker's partitions, with the next offset that may be handed out of each.
///
/// Why offsets are checked again here: in librdkafka 2.0.2 a rebalance pauses and resumes every partition of the
/// consumer, on its own thread. A resume starts from the last position that it saw the application take, and a
/// message on its way to the application at that moment comes twice; a newly assigned partition may even start over.
/// Such messages are never lost, only repeated, so refusing what lies below the next offset makes delivery exact.
struct AssignedPartitions {
    private struct Slot {
        var partition: TopicPartition
        /// Nil until the first message when the start was not a number.
        var next: Int64?
        var isPaused = false
    }
    private struct Handle: Hashable {
        /// The address of librdkafka's topic object, as an identity alone.
        var topic: UInt
        var partition: Int32
    }

    private var slots: [Slot] = []
    private var indexes: [TopicPartition: Int] = [:]
    // librdkafka's topic objects live as long as an assignment of theirs, so the cache is emptied whenever that changes.
    private var cache: [Handle: Int] = [:]
    private(set) var counters = KafkaWorker.Counters()

    mutating func add(_ partition: TopicPartition, next: Int64?) {
        cache.removeAll(keepingCapacity: true)
        if let index = indexes[partition] {
            slots[index] = Slot(partition: partition, next: next)
        } else {
            indexes[partition] = slots.count
            slots.append(Slot(partition: partition, next: next))
        }
    }

    /// Begins a partition that is here at another offset. Its pause stays, as it does in librdkafka.
    mutating func move(_ partition: TopicPartition, next: Int64) {
        guard let index = indexes[partition] else { return }
        cache.removeAll(keepingCapacity: true)
        slots[index].next = next
    }

    /// The partition's state as it was, or nil when it is not here.
    mutating func remove(_ partition: TopicPartition) -> (next: Int64?, wasPaused: Bool)? {
        guard let index = indexes.removeValue(forKey: partition) else { return nil }
        cache.removeAll(keepingCapacity: true)
        let slot = slots[index]
        slots.swapAt(index, slots.count - 1)
        slots.removeLast()
        if index < slots.count { indexes[slots[index].partition] = index }
        return (slot.next, slot.isPaused)
    }

    mutating func slot(topic: OpaquePointer?, partition: Int32) -> Int? {
        let handle = Handle(topic: UInt(bitPattern: topic), partition: partition)
        if let index = cache[handle] { return index }
        guard let name = unsafe topic.flatMap({ unsafe rd_kafka_topic_name($0) }) else { return nil }
        let index = unsafe indexes[TopicPartition(topic: String(cString: name), partition: partition)]
        if let index { cache[handle] = index } else { counters.refusedAfterRevoke += 1 }
        return index
    }

    func partition(_ slot: Int) -> TopicPartition { slots[slot].partition }

    mutating func accepts(_ slot: Int, offset: Int64) -> Bool {
        guard let next = slots[slot].next, offset < next else { return true }
        counters.refusedRepeats += 1
        return false
    }

    mutating func advance(_ slot: Int, past offset: Int64) {
        slots[slot].next = offset + 1
        counters.messages += 1
    }

    /// Marks those of `partitions` that are here and not yet so, and returns them.
    mutating func mark(_ partitions: [TopicPartition], paused: Bool) -> [TopicPartition] {
        partitions.filter { partition in
            guard let index = indexes[partition], slots[index].isPaused != paused else { return false }
            slots[index].isPaused = paused
            return true
        }
    }

    /// In order of partition.
    var positions: [(partition: TopicPartition, next: Int64?)] {
        slots.map { ($0.partition, $0.next) }.sorted { $0.0 < $1.0 }
    }
}
