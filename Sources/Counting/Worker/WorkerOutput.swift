import LockFree

/// All that leaves a counting thread, none of it through a lock that another thread may hold for long: flushes for the publishing
/// thread, totals for metrics, live counts for readers.
package struct WorkerOutput: Sendable {
    /// Bounded: a worker that finds it full waits, and takes no more messages meanwhile.
    package let flushes: SPSCRing<PartitionFlush>
    /// Rung when there is something in the ring: the publishing thread's, which it has from all workers.
    package let bell: Doorbell
    package let totals: CountedTotals
    package let live: LiveCounts

    /// - Parameters:
    ///   - topics: all whose partitions may come.
    ///   - shardCount: a gap is told in as many flushes at most, and one.
    package init(topics: [String], shardCount: Int, bell: Doorbell) {
        // Room for the flushes of some hundred partitions; a slot takes about 250 bytes.
        var capacity = 256
        while capacity < 2 * (shardCount + 1) { capacity *= 2 }
        flushes = SPSCRing(capacity: capacity)
        self.bell = bell
        totals = CountedTotals(topics: topics)
        live = LiveCounts(topics: topics)
    }
}

/// Where the publishing thread takes flushes: the rings of all counting threads. It belongs to that thread.
package final class FlushInbox {
    private final class Source {
        var ring: RingConsumer<PartitionFlush>

        init(_ ring: SPSCRing<PartitionFlush>) { self.ring = ring.makeConsumer() }
    }

    private let sources: [Source]

    package init(_ outputs: [WorkerOutput]) {
        sources = outputs.map { Source($0.flushes) }
    }

    /// What is there now: of each worker in its order. A partition is one worker's, so its ranges follow one another.
    package func takeAll() -> [PartitionFlush] {
        var flushes: [PartitionFlush] = []
        for source in sources {
            while let flush = source.ring.pop() { flushes.append(flush) }
        }
        return flushes
    }
}
