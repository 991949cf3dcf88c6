import Accounting
import Counting
import Decoding
import Planning
import Records
import Statistics
import TelemetryModel

/// A process of the count role: a shell around `TakeoverDriver`, `PartitionState` and `PublisherDriver`. It may die between any
/// two steps.
final class Member {
    /// What is handed to who commits, with the points that its offsets stand for.
    private struct Order {
        let order: CommitOrder
        var points: [SourcePartition: SourcePoint] = [:]
    }

    static let waitingMax = 6

    let number: Int
    let release: Int
    let producer: SimulatedProducer
    unowned let world: World
    var isAlive = true
    /// The group takes it for a member.
    var isMember = true
    /// As it knows it.
    var generation: Int32
    private(set) var takeovers: [Takeover] = []
    private(set) var holdings: [Holding] = []
    private var publisher: PublisherDriver
    private(set) var mailbox: [PartitionFlush] = []
    /// The sequence for whose acknowledgement the publisher waits.
    private var awaited: Int?
    private var orders: [Order] = []
    private var gate = OwnedEpochs()
    private var leaving: [ReleaseToken: Int] = [:]
    private var tokens: UInt64 = 0
    let decoder: DecoderBox

    init(number: Int, generation: Int32, release: Int, world: World) {
        self.number = number
        self.generation = generation
        self.release = release
        self.world = world
        publisher = PublisherDriver(tellsState: world.plans[release].form.tellsSourceState)
        producer = SimulatedProducer(name: "member \(number)", lanes: Estate.shards.count)
        decoder = DecoderBox(
            world.plans[release].makeMessageDecoder(format: .cloudTrail, flowFields: nil, limits: DecodingLimits()))
    }

    var plan: PipelinePlan { world.plans[release] }
    /// What its host's clock says, in seconds: that of two in three is off by an hour.
    private var hostSeconds: Int { world.now + [0, -3600, 3600][number % 3] }
    /// By which it judges what is dated in the future: as the broker's acknowledgements tell it.
    var clock: Timestamp { Estate.time(world.bug == .hostsClockBelieved ? hostSeconds : world.now) }
    /// Whether it is of a release that has a value of its own in the sources' states. The others keep it.
    var tellsRecords: Bool { number.isMultiple(of: 2) }

    func say(_ text: @autoclosure () -> String) { world.say("member \(number): \(text())") }

    // MARK: Partitions

    func assign(_ partitions: [Int], generation: Int32) {
        self.generation = generation
        say("is given \(partitions) in generation \(generation)")
        takeovers.append(Takeover(partitions, generation: generation, by: self))
    }

    /// The next step of a takeover or of a partition. False when there is nothing to do.
    func advance(_ random: inout SeededGenerator) -> Bool {
        let count = holdings.count + (takeovers.isEmpty ? 0 : 1)
        if count == 0 { return false }
        let first = random.below(count)
        for turn in 0..<count {
            let place = (first + turn) % count
            // One takeover at a time: the thread that serves the group does it.
            if place < holdings.count ? holdings[place].advance() : takeovers[0].advance(&random) { return true }
        }
        return false
    }

    /// A takeover has come to its end.
    func end(_ takeover: Takeover, with taken: [TakenPartition], left: [Int]) {
        takeovers.removeAll { $0 === takeover }
        gate.open(Dictionary(uniqueKeysWithValues: taken.map { ($0.owner.source, $0.owner.epoch) }))
        for partition in taken {
            let number = Int(partition.owner.source.partition)
            holdings.removeAll { $0.partition == number }
            holdings.append(Holding(partition, of: self))
        }
        for partition in left where world.assigned[partition] === self && isMember {
            // Tried again: in the same generation, where only the partition's leader was away.
            assign([partition], generation: world.generation)
        }
    }

    /// Another has them, and this process knows.
    func forgetAll() {
        holdings = []
        takeovers = []
    }

    /// What it was given before is another's: nothing of it may be committed any more, and no takeover goes on, which the thread
    /// does that hears of it.
    func lose() {
        takeovers = []
        // Nobody waits until it is given back: a token that is still on its way is of no later assignment.
        leaving = [:]
        if world.bug == .hintFromAcknowledgements { return }
        gate.close(world.sources.map(\.partition))
    }

    /// Gives a partition back once what it has counted is committed. False when it does not hold it, or holds it of an earlier
    /// assignment: the thread that serves the group is in the takeover of the present one.
    func release(_ partition: Int) -> Bool {
        guard !takeovers.contains(where: { $0.partitions.contains(partition) }),
            let place = holdings.firstIndex(where: { $0.partition == partition })
        else { return false }
        say("gives p\(partition) back")
        tokens += 1
        let token = ReleaseToken(number: tokens)
        leaving[token] = partition
        put(holdings.remove(at: place).flush(released: token))
        return true
    }

    /// Ends a range of one of the partitions. False while the one before is on its way.
    func flush(_ random: inout SeededGenerator) -> Bool {
        guard mailbox.isEmpty, !holdings.isEmpty else { return false }
        return flush(holdings[random.below(holdings.count)])
    }

    func flushAll() {
        for holding in holdings where !holding.isFlushed { _ = flush(holding) }
    }

    private func flush(_ holding: Holding) -> Bool {
        put(holding.flush())
        return true
    }

    func put(_ flush: PartitionFlush) {
        say("seals p\(flush.source.partition) \(flush.range.from) to \(flush.range.to)")
        mailbox.append(flush)
    }

    // MARK: Publishing

    func publish() -> Bool {
        if let awaited {
            guard producer.isAcknowledged(through: awaited) else { return false }
            self.awaited = nil
            perform(publisher.step(.acknowledged(logEnds: producer.logEnds, at: .zero)))
            return true
        }
        if mailbox.isEmpty { return false }
        let taken = mailbox
        mailbox = []
        perform(publisher.step(.flushes(taken, at: .zero)))
        return true
    }

    private func perform(_ effects: [PublisherEffect]) {
        for effect in effects {
            switch effect {
            case .awaitRecords: awaited = 0
            case .awaitUpdates: awaited = world.bug == .commitBeforeAcknowledge ? 0 : producer.lastSequence
            case .send(let flush): send(flush)
            case .commit(let commits, let tokens):
                orders.append(Order(order: CommitOrder(commits: commits, released: tokens)))
            case .published(let flushes, _):
                for flush in flushes { orders[orders.count - 1].points[flush.source] = flush.range.to }
            case .release: world.fail("member \(number) gives up what was not refused")
            }
        }
    }

    private func send(_ flush: PartitionFlush) {
        // Some in parts, as if topics took hardly anything.
        let bytesMax = flush.range.to.offset % 8 == 0 ? 300 : OutputTopics.valueBytesMax
        for shard in flush.amounts.indices {
            for json in flush.entries(shard: shard, in: plan.form, bytesMax: bytesMax) {
                send(kept(json), of: flush.source, to: shard)
            }
        }
    }

    /// A planted mistake tells of a source's state only what it knows itself.
    private func kept(_ json: [UInt8]) -> [UInt8] {
        guard world.bug == .stateLostAtTakeover, !tellsRecords,
            case .update(let update) = try? ShardEntry<ChangelogAmounts>(json: json)
        else { return json }
        let other = ChangelogUpdate(
            source: update.source, epoch: update.epoch, from: update.from, to: update.to, progress: update.progress,
            gap: update.gap, amounts: update.amounts
        ).telling(SourceState()).asPart(update.part, of: update.parts)
        return ShardEntry.update(other).json(in: plan.form)
    }

    func send(_ json: [UInt8], of source: SourcePartition, to shard: Int) {
        producer.send(
            .entry(LogEntry(source: Int(source.partition), json: json, release: release)), lane: shard)
    }

    // MARK: Committing

    func commit() -> Bool {
        if orders.isEmpty { return false }
        let taken = orders
        orders = []
        let merged = CommitOrder(merging: taken.map(\.order))
        let allowed = world.bug == .hintFromAcknowledgements ? merged.commits : gate.allowed(merged.commits)
        let points = taken.reduce(into: [:]) { $0.merge($1.points) { $1 } }
        if !allowed.isEmpty { world.commit(allowed, points, by: self) }
        for token in merged.released {
            guard let partition = leaving.removeValue(forKey: token) else { continue }
            if world.bug != .hintFromAcknowledgements { gate.close([world.sources[partition].partition]) }
            world.released(partition, by: self)
        }
        return true
    }

    /// Nothing is left to be done.
    var isQuiet: Bool {
        takeovers.isEmpty && mailbox.isEmpty && awaited == nil && orders.isEmpty && holdings.allSatisfy(\.isQuiet)
    }
}
