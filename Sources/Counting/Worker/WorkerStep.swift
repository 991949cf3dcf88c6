import Accounting
import Records
import TelemetryModel

/// What the coordinating thread asks of a worker.
package enum WorkerRequest: Sendable {
    /// The partition is this worker's from now on.
    case assign(TakenPartition)
    /// The partition goes away; who gave the token waits until its offsets are committed.
    case release(SourcePartition, ReleaseToken)
    /// The partition is another member's already.
    case forget(SourcePartition)
    /// The broker has nothing at the partition's position: flush, go over the gap to what it has, and say where reading is
    /// to go on.
    case jump(SourcePartition, over: Range<Int64>)
    /// The answer to `WorkerEffect.askForEnds`: the partition's log ends before `at`.
    ///
    /// - Parameter asOf: when the broker was asked, of the monotonic clock.
    case end(SourcePartition, at: Int64, asOf: Duration)
    case stop

    /// Whose order among the requests matters; `nil` is all partitions.
    var partition: SourcePartition? {
        switch self {
        case .assign(let taken): taken.owner.source
        case .release(let partition, _), .forget(let partition), .jump(let partition, _): partition
        // It changes nothing of who has the partition.
        case .end, .stop: nil
        }
    }
}

/// What happens to a worker, but for messages, which `WorkerDriver.count` and `countRun` take.
package enum WorkerInput {
    /// Requests that came, looked at before a batch is counted.
    case beforeBatch([WorkerRequest])
    /// Requests that came inside a batch, between two messages or while there is no room for a flush.
    case insideBatch([WorkerRequest])
    /// The batch was counted, or what is left of it is not to be counted any more.
    case afterBatch
    /// The answer to `WorkerEffect.jump`.
    case available(SourcePartition, over: Range<Int64>, PartitionOwner.Available)
    /// A record could not be sent. From now on nothing is flushed: what was counted since the last flush has a record that is
    /// missing, so its offsets must not be committed.
    case failed
}

/// What a worker wants done, in this order.
package enum WorkerEffect {
    /// Nothing of what waits for the token is here.
    case reach(ReleaseToken)
    /// Ask the broker what it has of the partition, and whether it is the same topic still; the answer is an input. Where there
    /// is none the partition stays where it is.
    ///
    /// - Parameters:
    ///   - countedTo: what was counted ends before it.
    ///   - tail: the last record that was counted.
    case jump(SourcePartition, over: Range<Int64>, countedTo: Int64, tail: RecordFingerprint?)
    /// Reading is to go on at `position`.
    ///
    /// - Parameter gap: what was lost, if anything was.
    case jumped(SourcePartition, position: Int64, gap: WorkerGap?)
    /// The partition is not here.
    case refuseJump(SourcePartition)
    /// Ask the broker where the logs of these partitions end; each answer is a request. A partition of which there is none does not
    /// become idle.
    case askForEnds([SourcePartition])
    /// Reading waits for acknowledgements, or no longer.
    case pause(Bool)
    /// It has waited for so long that it is worth a line.
    case warnOfPause
    case stopped
}

/// Records that were lost before they could be read.
package struct WorkerGap: Sendable, Equatable {
    package let cause: SourceGapCause
    package let from: SourcePoint
    package let to: SourcePoint
}

/// What became of a message.
package enum MessageFate: Sendable {
    case counted
    /// Its partition was given back, or is lost: it is the next owner's.
    case notOwned
    /// There is no room for a flush that has to come first. The message was not looked at; it is to be tried again.
    case noRoom
    /// It takes long and its partition goes away: it is read again, by the next owner.
    case givenUp
}

/// What Kafka says of a message.
package struct MessageTerms: Sendable {
    package let offset: Int64
    package let fingerprint: RecordFingerprint?
    package let writtenAt: Timestamp?

    package init(offset: Int64, fingerprint: RecordFingerprint?, writtenAt: Timestamp?) {
        self.offset = offset
        self.fingerprint = fingerprint
        self.writtenAt = writtenAt
    }
}

/// What a worker is made with.
package struct WorkerTerms: Sendable {
    package let partition: PartitionState.Terms
    package let flushInterval: Duration
    /// How much all partitions together may hold that is not flushed.
    package let heldBytesMax: Int
    /// How much of what was flushed may be unpublished when more is flushed because there is too much of it.
    package let onTheirWayBytesMax: Int
    /// How far behind the clock the end of a slice may be that has its partition flushed at once: what is found out later pages nobody.
    package let promptAgeNanoseconds: Int64
    /// From how much on a flush of all that takes long is followed by fewer.
    package let largeFlushBytes: Int

    package init(
        partition: PartitionState.Terms, flushInterval: Duration, heldBytesMax: Int, onTheirWayBytesMax: Int = .max,
        promptAgeNanoseconds: Int64 = 3600 * Timestamp.nanosecondsPerSecond, largeFlushBytes: Int = 4 << 20
    ) {
        self.partition = partition
        self.flushInterval = flushInterval
        self.heldBytesMax = heldBytesMax
        self.onTheirWayBytesMax = onTheirWayBytesMax
        self.promptAgeNanoseconds = promptAgeNanoseconds
        self.largeFlushBytes = largeFlushBytes
    }
}

/// What a worker has around it. Asked once for a flush or a partition, never for a message.
package struct WorkerSurroundings {
    /// A monotonic clock, as of all times here but `clock`.
    package let now: () -> Duration
    /// The trusted clock: the broker's, or the host's where the broker gives none.
    package let clock: () -> Timestamp
    /// The sequence of the last record that was sent to other topics.
    package let sentThrough: () -> UInt64
    package let sink: any RecordSink
    package let watch: MessageWatch?
    /// What was delivered of a topic's partition before, to be filled; `nil` counts every delivery.
    package let identities: (_ topic: String) -> DeliveredEvents?
    /// The decoder of a topic; `nil` where it is no input.
    package let decoder: (_ topic: String) -> DecoderBox?

    package init(
        now: @escaping () -> Duration, clock: @escaping () -> Timestamp, sentThrough: @escaping () -> UInt64,
        sink: any RecordSink, watch: MessageWatch?, identities: @escaping (String) -> DeliveredEvents?,
        decoder: @escaping (String) -> DecoderBox?
    ) {
        self.now = now
        self.clock = clock
        self.sentThrough = sentThrough
        self.sink = sink
        self.watch = watch
        self.identities = identities
        self.decoder = decoder
    }
}
