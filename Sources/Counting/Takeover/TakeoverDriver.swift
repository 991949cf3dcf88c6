import Accounting
import Records

/// Takes source partitions over from their former owners: claims them in every shard, learns from the shards' logs what is
/// counted already, and says where to go on. See `PartitionOwner` for the order of the steps, and why any may be the last.
///
/// The logs are read from where the former owners' hints say. Where there is none (a partition or a topic that is new, a group
/// of another name, offsets that another tool has set) they are read from the evaluators' checkpoints on, and from their
/// beginning only where these are missing or do not fit. A log that ends before a checkpoint is not the one of which it is.
///
/// It has no clock, thread or Kafka: what happens comes in, what is to be done comes out, and the same inputs give the same
/// effects.
package struct TakeoverDriver {
    private enum State {
        case begun
        case readingCheckpoints
        /// These are claimed if the group says so.
        case asking([SourcePartition: Claim])
        case claiming
        case readingBack
        /// The first of the partitions is looked at.
        case looking(ArraySlice<AssignedPartition>, found: ReadBack)
        case opening
        case ended
    }

    private let partitions: [AssignedPartition]
    private let generation: Int32
    /// How many records before its position a partition is read again, for their identities, by topic.
    private let readBack: [String: Int64]
    private let needsState: Bool
    /// The sources that have no hint.
    private var unhinted: Set<SourcePartition>
    private var places: ReadBackPlaces
    private var claims: [SourcePartition: Claim] = [:]
    private var taken: [TakenPartition] = []
    private var state = State.begun

    /// - Parameters:
    ///   - partitions: those whose leaders are there.
    ///   - generation: the group's.
    ///   - readBack: how many records before its position a partition is read again, for their identities, by topic.
    ///   - shardCount: how many shards there are.
    ///   - needsState: what is counted tells the sources' state, so that has to be known.
    package init(
        _ partitions: [AssignedPartition], generation: Int32, readBack: [String: Int64], shardCount: Int,
        trustsHints: Bool, needsState: Bool
    ) {
        self.partitions = partitions
        self.generation = generation
        self.readBack = readBack
        self.needsState = needsState
        places = ReadBackPlaces(shards: shardCount)
        unhinted = Set(partitions.map(\.source))
        for partition in partitions where trustsHints {
            guard let hint = partition.hint, hint.tellsState || !needsState else { continue }
            if places.add(hint, of: partition.source) { unhinted.remove(partition.source) }
        }
    }

    private var isHinted: Bool { unhinted.count < partitions.count }

    /// The first effects.
    package mutating func begin() -> [TakeoverEffect] {
        guard case .begun = state else { preconditionFailure("a takeover begins once") }
        // Before the claim that they lead to: one from behind a claim could hide that its epoch was claimed twice.
        if unhinted.isEmpty { return claimFirst() }
        state = .readingCheckpoints
        return [.readCheckpoints]
    }

    package mutating func step(_ input: TakeoverInput) -> [TakeoverEffect] {
        switch (state, input) {
        case (.readingCheckpoints, .checkpoints(let records)):
            // Counts by this number of shards would be where none of the evaluators looks.
            if let other = records.first(where: { $0.shards != places.shardCount }) {
                return end(.shardsChanged(was: other.shards))
            }
            for record in records { places.add(record, of: unhinted) }
            return claimFirst()
        case (.asking(let next), .isMember(let isMember)): return isMember ? claim(next) : end(.followed)
        case (.claiming, .acknowledged):
            state = .readingBack
            return [.readBack(claims, from: places)]
        case (.readingBack, .readBack(let found)): return judge(found)
        case (.looking(let rest, let found), .available(let available)): return resume(rest, found, available)
        case (.opening, .acknowledged): return end(.taken(taken))
        default: preconditionFailure("an input answers the last effect")
        }
    }

    private mutating func end(_ outcome: TakeoverOutcome) -> [TakeoverEffect] {
        state = .ended
        return [.end(outcome)]
    }

    // MARK: Claiming

    private mutating func claimFirst() -> [TakeoverEffect] {
        var first: [SourcePartition: Claim] = [:]
        var isOverKnown = false
        for source in partitions.map(\.source) {
            let epoch = OwnerEpoch(generation: generation)
            if let known = places.epoch(of: source), known >= epoch {
                // A claim in the generation's own epoch would be void.
                first[source] = Claim(
                    source: source, epoch: known.successor(generation: generation), superseded: known)
                isOverKnown = true
            } else {
                first[source] = Claim(source: source, epoch: epoch)
            }
        }
        return isOverKnown ? ask(first) : claim(first)
    }

    private mutating func ask(_ next: [SourcePartition: Claim]) -> [TakeoverEffect] {
        state = .asking(next)
        return [.askMembership]
    }

    private mutating func claim(_ next: [SourcePartition: Claim]) -> [TakeoverEffect] {
        // Everyone who reads it would stop.
        if let claim = next.values.filter({ !$0.epoch.isValid }).min(by: { $0.source < $1.source }) {
            return end(.exhausted(EpochsExhausted(source: claim.source, epoch: claim.epoch)))
        }
        claims.merge(next) { $1 }
        state = .claiming
        return [.claim(next.sorted { $0.key < $1.key }.map(\.value))]
    }

    /// Claims again where an owner has an epoch that is not lower, and has not followed this one: the group counts its
    /// generations anew.
    private mutating func judge(_ found: ReadBack) -> [TakeoverEffect] {
        if let unreadable = found.unreadable { return end(.stop(unreadable)) }
        if !places.isEmpty, found.isUnfit || needsState && found.isStateUnknown {
            if isHinted { return end(.unfitHints) }
            // An evaluator has read further than the log is: no evaluator would read what is counted on in this one.
            if let beyond = found.beyond { return end(.logLost(beyond)) }
            places = ReadBackPlaces(shards: places.shardCount)
            return [.warn(.unfitCheckpoint), .readBack(claims, from: places)]
        }
        if let missing = found.missingClaim { return end(.retry(missing)) }
        // Read from the log's beginning, nothing is missing that was ever there.
        if let unconnected = found.unconnected { return end(.stop(unconnected)) }
        var unclaimed: [SourcePartition: Claim] = [:]
        for (source, claim) in claims {
            guard let contender = found.contender(of: claim) else { continue }
            // What was read before the group is asked: what comes later is a follower's, and stays above.
            unclaimed[source] = Claim(
                source: source, epoch: max(contender, claim.epoch).successor(generation: generation),
                superseded: found.epoch(of: source))
        }
        if !unclaimed.isEmpty { return ask(unclaimed) }
        return [.claimed(entries: found.entries)] + look(partitions[...], found)
    }

    // MARK: Going on

    private func chains(
        of source: SourcePartition, in shards: [ShardReader<ChangelogAmounts>]
    ) -> [SourceChainState] {
        shards.map { $0.state(of: source) }
    }

    private mutating func look(
        _ rest: ArraySlice<AssignedPartition>, _ found: ReadBack
    ) -> [TakeoverEffect] {
        guard let partition = rest.first else {
            state = .opening
            return [.awaitOpenings]
        }
        state = .looking(rest, found: found)
        let newest = chains(of: partition.source, in: found.shards).compactMap { chain in
            chain.through.map { (through: $0, tail: chain.progress.tail) }
        }.max { $0.through < $1.through }
        return [
            .look(partition.source, countedTo: newest?.through.offset ?? partition.committed, tail: newest?.tail)
        ]
    }

    /// Says where the first of the partitions goes on, and opens the shards there. One whose leader is away is left out: it
    /// must not hold back the others.
    private mutating func resume(
        _ rest: ArraySlice<AssignedPartition>, _ found: ReadBack,
        _ available: PartitionOwner.Available?
    ) -> [TakeoverEffect] {
        guard let partition = rest.first, let available, let claim = claims[partition.source] else {
            return look(rest.dropFirst(), found)
        }
        let (source, start) = (partition.source, partition.committed)
        let chains = chains(of: source, in: found.shards)
        var effects: [TakeoverEffect] = []
        if chains.allSatisfy({ $0.through == nil }), start > available.low {
            effects.append(.warn(.beginsAtCommit(source, oldest: available.low, begin: start)))
        }
        let resumption = PartitionOwner.resume(
            source: source, epoch: claim.epoch, chains: chains, available: available, start: start,
            readings: found.readings(of: source))
        if !resumption.openings.isEmpty { effects.append(.open(resumption.openings, of: resumption.owner)) }
        let position = resumption.owner.position.offset
        taken.append(
            TakenPartition(
                owner: resumption.owner, readFrom: max(available.low, position - (readBack[source.topic] ?? 0)),
                openings: resumption.openings))
        return effects + look(rest.dropFirst(), found)
    }
}
