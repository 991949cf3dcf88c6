/// What happens to a publisher. Times are of a monotonic clock.
package enum PublisherInput {
    /// What the counting threads have handed over, in that order.
    case flushes([PartitionFlush], at: Duration)
    /// What was waited for is acknowledged.
    ///
    /// - Parameter logEnds: for each shard in order, an offset of its log that lies before all that is sent from now on.
    case acknowledged(logEnds: [Int64], at: Duration)
    /// It is not, and will not be: something was refused, or the process has no more time.
    case unacknowledged
}

/// What a publisher wants done, in this order.
package enum PublisherEffect {
    /// Nothing else may happen before the records of other topics are acknowledged up to this sequence of the producer; the
    /// answer is the next input.
    case awaitRecords(through: UInt64)
    /// Send the update of every shard.
    case send(PartitionFlush)
    /// Nothing else may happen before all updates that were sent are acknowledged, which is the next input.
    case awaitUpdates
    /// Hand over to who commits, without waiting for it; the partitions are given back once the commit was tried.
    case commit([SourceCommit], thenRelease: [ReleaseToken])
    /// Nobody is to wait for commits that will not be made.
    case release([ReleaseToken])
    /// What the flushes counted is in the shards' logs.
    case published([PartitionFlush], took: Duration)
}
