import Accounting
import Records

/// A source partition that its group has given to this member, and where the group's offset stands.
package struct AssignedPartition: Sendable {
    package let source: SourcePartition
    /// 0 where none is committed.
    package let committed: Int64
    /// What its former owner left with the offset.
    package let hint: OwnerHint?

    package init(source: SourcePartition, committed: Int64, hint: OwnerHint?) {
        self.source = source
        self.committed = committed
        self.hint = hint
    }
}

/// A partition in the hands of a new owner.
package struct TakenPartition: Sendable {
    package let owner: PartitionOwner
    /// Where reading begins: before the owner's position, where identities have to be read back.
    package let readFrom: Int64
    /// What the shards were sent so that they can be counted on in.
    package let openings: [PartitionOwner.Opening]

    package init(owner: PartitionOwner, readFrom: Int64, openings: [PartitionOwner.Opening]) {
        self.owner = owner
        self.readFrom = readFrom
        self.openings = openings
    }
}

/// What happens in a takeover; each is the answer to the last effect.
package enum TakeoverInput {
    case checkpoints([ShardCheckpointRecord])
    case isMember(Bool)
    /// All that was sent is acknowledged.
    case acknowledged
    case readBack(ReadBack)
    /// What the broker has of a partition; `nil` where its leader does not answer.
    case available(PartitionOwner.Available?)
}

/// What a takeover wants done, in this order.
package enum TakeoverEffect {
    /// Answer with the evaluators' checkpoints.
    case readCheckpoints
    /// Ask the group whether it still takes this member for the owner.
    case askMembership
    /// Send to every shard; once all are acknowledged, that is the next input.
    case claim([Claim])
    /// Read every log from these places to its end of now.
    case readBack([SourcePartition: Claim], from: ReadBackPlaces)
    /// The claims hold, after so many entries of the logs.
    case claimed(entries: Int)
    /// Say what the broker has of a partition that is counted up to an offset, and whether the record before is this one.
    case look(SourcePartition, countedTo: Int64, tail: RecordFingerprint?)
    /// Send to the shards that they name.
    case open([PartitionOwner.Opening], of: PartitionOwner)
    /// Nothing else may happen before all openings are acknowledged, which is the next input.
    case awaitOpenings
    case warn(TakeoverWarning)
    /// The last effect.
    case end(TakeoverOutcome)
}

package enum TakeoverWarning: Equatable {
    /// A checkpoint is behind where an incarnation began.
    case unfitCheckpoint
    /// No shard has heard of the partition: counting begins where the group has committed, behind the oldest record.
    case beginsAtCommit(SourcePartition, oldest: Int64, begin: Int64)
}

package enum TakeoverOutcome {
    /// Those that are missing were left out, because their leaders do not answer.
    case taken([TakenPartition])
    /// A hint led past a claim, past where an incarnation began or past what tells a source's state, or it is of another topic:
    /// start over without hints.
    case unfitHints
    /// The group has gone on to another generation.
    case followed
    /// A log ended too early: start over.
    case retry(ClaimNotRead)
    /// A log ends before an evaluator's checkpoint: stop.
    case logLost(BeyondEnd)
    /// Evaluators' checkpoints are of another number of shards: stop.
    case shardsChanged(was: Int)
    /// No claim could follow one that is in a log: stop.
    case exhausted(EpochsExhausted)
    /// An entry can't be used: stop.
    case stop(UnreadableRecord)
}

/// An epoch in a log is so high that none can follow it in this generation of the group.
package struct EpochsExhausted: Error, Equatable, CustomStringConvertible {
    package let source: SourcePartition
    package let epoch: OwnerEpoch

    package var description: String {
        "the registers hold a claim of \(source) in a higher epoch than any that members make, and the next one is \(epoch), which no "
            + "reader takes: somebody else writes there, see docs/trust.md. A start in a later generation of the group may follow it"
    }
}
