import LockFree

/// All that leaves a counting thread, none of it through a lock that another thread may hold for long: flushes for the publishing
/// thread, totals for metrics, live counts for readers.
package struct WorkerOutput: Sendable {
    /// Bounded: a worker that finds it full waits, and takes no more messages meanwhile.
    package let flushes: SPSCRing<PartitionFlush>
    /// Rung when there is something in the ring: the publishing thread's, which it has from all workers.
    package let bell: Doorbell
    /// Bytes of the flushes that are published, or void: what they took is free.
    package let publishedBytes = Counter()
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
        let publishedBytes: Counter
        var bytesTaken: UInt64 = 0

        init(_ output: WorkerOutput) {
            ring = output.flushes.makeConsumer()
            publishedBytes = output.publishedBytes
        }
    }

    private let sources: [Source]

    package init(_ outputs: [WorkerOutput]) {
        sources = outputs.map { Source($0) }
    }

    /// What is there now: of each worker in its order. A partition is one worker's, so its ranges follow one another. With what was taken
    /// before the caller is done.
    package func takeAll() -> [PartitionFlush] {
        var flushes: [PartitionFlush] = []
        for source in sources {
            source.publishedBytes.add(source.bytesTaken)
            source.bytesTaken = 0
            while let flush = source.ring.pop() {
                source.bytesTaken &+= UInt64(flush.bytes)
                flushes.append(flush)
            }
        }
        return flushes
    }
}
