import Accounting
import Counting
import Records
import Statistics

/// A takeover of some partitions: a shell around the product's `TakeoverDriver`.
final class Takeover {
    /// The logs, as they are read back little by little.
    private struct Reading {
        var found: ReadBack
        let claims: [SourcePartition: Claim]
        var cursors: [Int]
        let ends: [Int]
        /// By shard: own claims that were read, where a mistake reads them elsewhere.
        var claimed: [Set<SourcePartition>] = Array(repeating: [], count: Estate.shards.count)
    }

    let partitions: [Int]
    let generation: Int32
    private unowned let member: Member
    private var world: World { member.world }
    private var driver: TakeoverDriver
    private var effects: ArraySlice<TakeoverEffect> = []
    private var isBegun = false
    private var reading: Reading?
    private static let entriesMax = 64

    init(_ partitions: [Int], generation: Int32, by member: Member, trustsHints: Bool = true) {
        self.partitions = partitions
        self.generation = generation
        self.member = member
        let world = member.world
        let assigned = partitions.map { partition in
            let committed = world.committed[partition]
            return AssignedPartition(
                source: world.sources[partition].partition, committed: committed?.offset ?? 0,
                hint: committed.flatMap { world.bug == .noFence ? nil : OwnerHint($0.hint) })
        }
        driver = TakeoverDriver(
            assigned, generation: world.bug == .noFence ? 1 : generation,
            readBack: Dictionary(
                uniqueKeysWithValues: Estate.inputTopics.map { ($0, Int64(SourceLife.identityWindow)) }),
            shardCount: Estate.shards.count,
            trustsHints: trustsHints, needsState: member.plan.form.tellsSourceState)
    }

    private func say(_ text: @autoclosure () -> String) { member.say("takeover of \(partitions): \(text())") }

    /// False while it waits for acknowledgements.
    func advance(_ random: inout SeededGenerator) -> Bool {
        if !isBegun {
            isBegun = true
            effects = driver.begin()[...]
        }
        if reading != nil {
            readOn()
            return true
        }
        guard let effect = effects.first else { return false }
        if case .awaitOpenings = effect, !producer.isAcknowledged(through: producer.lastSequence) { return false }
        effects.removeFirst()
        perform(effect, &random)
        return true
    }

    private var producer: SimulatedProducer { member.producer }
    /// Set while claims are on their way.
    private var claimedThrough: Int?

    private func perform(_ effect: TakeoverEffect, _ random: inout SeededGenerator) {
        switch effect {
        case .readCheckpoints:
            effects += driver.step(.checkpoints(world.bug == .noFence ? [] : world.checkpointsForOwners()))
        case .askMembership:
            let isMember = member.isMember && generation == world.generation
            say("asks for membership: \(isMember)")
            effects += driver.step(.isMember(isMember || world.bug == .lineageWithoutAsking || world.bug == .noFence))
        case .claim(let claims):
            if let claimedThrough {
                guard producer.isAcknowledged(through: claimedThrough) else {
                    effects = [effect] + effects
                    return
                }
                self.claimedThrough = nil
                effects += driver.step(.acknowledged)
                return
            }
            for claim in claims { send(claim) }
            claimedThrough = world.bug == .readBackBeforeClaim ? 0 : producer.lastSequence
            effects = [effect] + effects
        case .readBack(let claims, let places): begin(claims, places)
        case .claimed: say("holds its claims")
        case .look(let source, let position, let tail):
            effects += driver.step(.available(random.chance(0.06) ? nil : available(source, position, tail)))
        case .open(let openings, let owner): for opening in openings { send(opening, of: owner) }
        case .awaitOpenings: effects += driver.step(.acknowledged)
        case .warn: break
        case .end(let outcome): end(outcome)
        }
    }

    private func send(_ claim: Claim) {
        let superseded = world.bug == .lineageOverUnseen ? nil : claim.superseded
        say("claims p\(claim.source.partition) as \(claim.epoch)")
        let entry = ShardEntry<ChangelogAmounts>.claim(
            Claim(source: claim.source, epoch: claim.epoch, superseded: superseded))
        let json = entry.json(in: member.plan.form)
        for shard in 0..<Estate.shards.count { member.send(json, of: claim.source, to: shard) }
    }

    private func send(_ opening: PartitionOwner.Opening, of owner: PartitionOwner) {
        var to = opening.to
        if world.bug == .openingAtEnds, opening.gap != .expired, let end = ends[owner.source],
            end.incarnation == to.incarnation
        {
            to = max(to, end)
        }
        say("opens shard \(opening.shard) for p\(owner.source.partition) at \(to)")
        let update = ChangelogUpdate(
            source: owner.source, epoch: owner.epoch, from: opening.from, to: to, progress: opening.progress,
            gap: opening.gap, amounts: ChangelogAmounts())
        member.send(
            ShardEntry.update(update).json(in: member.plan.form), of: owner.source, to: opening.shard)
    }

    /// Where the least of the chains that were read back ends, for a planted mistake.
    private var ends: [SourcePartition: SourcePoint] = [:]

    /// What the broker has, compared with the record that the chains remember.
    private func available(
        _ source: SourcePartition, _ position: Int64, _ tail: RecordFingerprint?
    ) -> PartitionOwner.Available {
        let life = world.sources[Int(source.partition)].current
        let found = life.tail(before: Int(position))
        return PartitionOwner.Available(
            low: Int64(life.low), high: Int64(life.high), isForeign: tail != nil && found != nil && found != tail)
    }

    private func end(_ outcome: TakeoverOutcome) {
        switch outcome {
        case .taken(let taken):
            // Other mistakes are to be found by what they do to counts.
            if world.bug == nil || world.bug == .stateLostAtTakeover {
                for partition in taken { world.complain(world.oracle.complaint(of: partition.owner)) }
            }
            let numbers = Set(taken.map { Int($0.owner.source.partition) })
            member.end(self, with: taken, left: partitions.filter { !numbers.contains($0) })
        case .unfitHints:
            say("finds a hint that does not fit")
            world.statistics.unfitHints += 1
            begin(trustsHints: false)
        case .followed:
            say("was followed")
            member.end(self, with: [], left: partitions)
        case .exhausted(let error): world.fail("member \(member.number): \(error)")
        case .logLost(let beyond): world.fail("member \(member.number): \(beyond)")
        case .shardsChanged(let was): world.fail("member \(member.number): there were \(was) shards")
        case .retry(let missing): world.fail("member \(member.number): \(missing)")
        case .stop(let record):
            // It may have been read before members of now could.
            if record.place == world.newerPlace { return world.stop(member) }
            world.fail("member \(member.number): \(record)")
        }
    }

    private func begin(trustsHints: Bool) {
        let again = Takeover(partitions, generation: generation, by: member, trustsHints: trustsHints)
        (driver, effects, isBegun, reading) = (again.driver, [], false, nil)
    }

    // MARK: Reading back

    private func begin(_ claims: [SourcePartition: Claim], _ places: ReadBackPlaces) {
        var found = ReadBack(claims, from: places)
        let starts = world.logs.indices.map { places.start(of: Set(claims.keys), in: $0) }
        let ends = world.logs.map(\.count)
        for (shard, start) in starts.enumerated() {
            guard let start, start > ends[shard] else { continue }
            found.beyond = BeyondEnd(shard: Int32(shard), place: start, end: Int64(ends[shard]))
        }
        reading = Reading(found: found, claims: claims, cursors: starts.map { Int($0 ?? 0) }, ends: ends)
    }

    private func readOn() {
        guard var reading = self.reading else { return }
        self.reading = nil
        var left = Takeover.entriesMax
        for shard in reading.ends.indices {
            while reading.cursors[shard] < reading.ends[shard], left > 0 {
                read(reading.cursors[shard], of: shard, &reading)
                reading.cursors[shard] += 1
                left -= 1
            }
        }
        if left == 0 {
            self.reading = reading
            return
        }
        if world.bug == .readBackBeforeClaim { readClaims(&reading) }
        for (source, _) in reading.claims {
            let all = reading.found.shards.compactMap { $0.state(of: source).through }
            ends[source] = all.filter { $0.incarnation == all.map(\.incarnation).max() }.min()
        }
        effects += driver.step(.readBack(reading.found))
    }

    private func read(_ offset: Int, of shard: Int, _ reading: inout Reading) {
        let entry = world.logs[shard][offset]
        let source = world.sources[entry.source].partition
        reading.found.entries += 1
        let place = TopicPlace(topic: Estate.topics.registers, partition: Int32(shard), offset: Int64(offset))
        guard reading.found.isWanted(source, at: place) else { return }
        let json = altered(world.read(entry, at: place, in: member.plan.form))
        if world.bug == .noFence || world.bug == .sharedEpoch {
            readShared(json, of: source, at: place, &reading)
        } else {
            reading.found.read(json, of: source, at: place)
        }
    }

    /// A planted mistake: what an owner reads back of updates says nothing of their clock, or calls their idle mark an event time.
    private func altered(_ json: [UInt8]) -> [UInt8] {
        guard world.bug == .clockNotInTheUpdate || world.bug == .idleMarkIsAnArrival,
            case .update(let update) = try? ShardEntry<ChangelogAmounts>(json: json)
        else { return json }
        var progress = update.progress
        if world.bug == .idleMarkIsAnArrival {
            progress.watermark = [progress.watermark, progress.idleThrough].compactMap(\.self).max()
        } else {
            progress.clock = nil
        }
        let other = ChangelogUpdate(
            source: update.source, epoch: update.epoch, from: update.from, to: update.to, progress: progress,
            gap: update.gap, amounts: update.amounts
        ).telling(update.state).asPart(update.part, of: update.parts)
        return ShardEntry.update(other).json(in: member.plan.form)
    }

    /// In place of the first entry of its own epoch it reads its own claim, and no other claim of that epoch: so nobody else seems
    /// to have it.
    private func readShared(
        _ json: [UInt8], of source: SourcePartition, at place: TopicPlace, _ reading: inout Reading
    ) {
        guard let claim = reading.claims[source], let entry = try? ShardEntry<ChangelogAmounts>(json: json) else {
            return reading.found.read(json, of: source, at: place)
        }
        let shard = Int(place.partition)
        let epoch: OwnerEpoch
        var isClaim = false
        switch entry {
        case .claim(let other): (epoch, isClaim) = (other.epoch, true)
        case .update(let update): epoch = update.epoch
        }
        if epoch == claim.epoch, reading.claimed[shard].insert(source).inserted {
            let own = ShardEntry<ChangelogAmounts>.claim(claim).json(in: member.plan.form)
            reading.found.read(own, of: source, at: place)
        }
        if isClaim, epoch == claim.epoch { return }
        reading.found.read(json, of: source, at: place)
    }

    /// Takes the claims that are on their way for read.
    private func readClaims(_ reading: inout Reading) {
        for (source, claim) in reading.claims {
            let own = ShardEntry<ChangelogAmounts>.claim(claim).json(in: member.plan.form)
            for shard in reading.ends.indices {
                let place = TopicPlace(
                    topic: Estate.topics.registers, partition: Int32(shard), offset: Int64(reading.ends[shard]))
                reading.found.read(own, of: source, at: place)
            }
        }
    }
}
