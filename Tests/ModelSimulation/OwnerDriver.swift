import Accounting
import TelemetryModel

/// A thread that owns one source partition, around the product's `PartitionOwner`. It lives in a process, which may die
/// between any two calls.
final class OwnerDriver {
    enum Phase {
        case starting, asking, claiming, readingBack, opening, counting, released
    }

    private enum Tag {
        static let claim = -1
        static let opening = -2
    }

    /// A range on its way to the shards.
    struct Flight {
        let to: SourcePoint
        var waiting: Int
    }

    let number: Int
    let process: Int
    let partition: Int
    let producer: ModelProducer
    private(set) var phase = Phase.starting
    private(set) var epoch: OwnerEpoch
    private let generation: Int32
    private unowned let world: World
    private var source: SourcePartition { world.sources[partition].source }
    private var shardCount: Int { world.plan.shards }
    static let flightsMax = 3

    // Taking over.
    private var waiting = 0
    private var claims: [Int64]
    /// Of each shard, as they were before anything was claimed; `nil` where reading begins at the log's start.
    private var checkpoints: [ShardCheckpoint?]
    private var readers: [ShardReader<Amounts>] = []
    private var cursors: [Int64] = []

    // Counting.
    private var owner: PartitionOwner?
    private var cursor = 0
    private var identities: [(offset: Int, identity: Int)] = []
    private var amounts: [Amounts]
    private var progress = SourceProgress()
    private var flights: [Flight] = []
    private var firstFlight = 0
    var isDraining = false
    private(set) var committable: SourcePoint?
    /// Where each shard's log has the last range that it acknowledged, for a planted bug.
    private var acknowledged: [OwnerHint.Place?]

    init(number: Int, process: Int, partition: Int, generation: Int32, world: World) {
        self.number = number
        self.process = process
        self.partition = partition
        self.generation = generation
        self.world = world
        producer = ModelProducer(name: "owner \(number)", lanes: world.plan.shards, shard: nil)
        epoch = OwnerEpoch(generation: world.bug == .noFence ? 1 : generation)
        claims = Array(repeating: -1, count: world.plan.shards)
        amounts = Array(repeating: Amounts(), count: world.plan.shards)
        acknowledged = Array(repeating: nil, count: world.plan.shards)
        checkpoints = Array(repeating: nil, count: world.plan.shards)
        producer.deliver = { [unowned self] in acknowledge($0) }
    }

    private func say(_ text: @autoclosure () -> String) { world.say("owner \(number) of p\(partition): \(text())") }

    private func send(_ entry: Entry, to shard: Int, tag: Int) {
        producer.send(.entry(entry), lane: shard, tag: tag)
    }

    // MARK: Taking over

    /// Some owners read the checkpoints; where these know of an epoch that is not lower, the group is asked before the claim.
    private func start() {
        if number % 3 != 0 { checkpoints = world.results.map(\.checkpoint) }
        let known = checkpoints.compactMap { $0?.chains[source]?.epoch }.max()
        if let known, known >= epoch, world.bug != .noFence { phase = .asking } else { claim() }
    }

    private func ask() {
        let known = checkpoints.compactMap { $0?.chains[source]?.epoch }.max()
        guard let known, world.isMember(self) || world.bug == .lineageWithoutAsking else { return release() }
        epoch = known.successor(generation: generation)
        claim(over: known)
    }

    private func claim(over found: OwnerEpoch? = nil) {
        say("claims p\(partition) as \(epoch)")
        phase = .claiming
        waiting = shardCount
        let over = world.bug == .lineageOverUnseen ? nil : found
        for shard in 0..<shardCount {
            send(.claim(Claim(source: source, epoch: epoch, superseded: over)), to: shard, tag: Tag.claim)
        }
        if world.bug == .readBackBeforeClaim { startReadingBack() }
    }

    private func acknowledge(_ receipt: ModelProducer.Receipt) {
        switch receipt.send.tag {
        case Tag.claim:
            claims[receipt.lane] = max(claims[receipt.lane], Int64(receipt.offset))
            waiting -= 1
            if waiting == 0, phase == .claiming { startReadingBack() }
        case Tag.opening:
            waiting -= 1
            if waiting == 0, phase == .opening { startCounting() }
        default:
            let index = receipt.send.tag - firstFlight
            flights[index].waiting -= 1
            if case .entry(.update(let update)) = receipt.send.payload, update.part == 0 {
                acknowledged[receipt.lane] = OwnerHint.Place(offset: Int64(receipt.offset), through: update.from)
            }
            while let first = flights.first, first.waiting == 0 {
                if world.bug != .commitBeforeAcknowledge { committable = first.to }
                flights.removeFirst()
                firstFlight += 1
            }
        }
    }

    /// Begins at a checkpoint of each shard, or at the start of its log: the result is the same.
    private func startReadingBack() {
        phase = .readingBack
        readers = []
        cursors = []
        let hint = world.bug == .hintFromAcknowledgements ? world.committed[partition]?.hint : nil
        for shard in 0..<shardCount {
            if let hint {
                readers.append(
                    ShardReader([source: SourceChainState(epoch: hint.epoch, through: hint.places[shard].through)]))
                cursors.append(hint.places[shard].offset)
            } else if let checkpoint = checkpoints[shard] {
                readers.append(ShardReader(checkpoint.chains))
                cursors.append(checkpoint.next)
            } else {
                readers.append(ShardReader())
                cursors.append(0)
            }
        }
    }

    /// To the own claim: what comes behind it cannot change the chain without this owner, or void it.
    private func readBack(_ generator: inout SeededGenerator) {
        for shard in 0..<shardCount {
            let end = world.bug == .readBackBeforeClaim ? Int64(world.logs[shard].count) : claims[shard] + 1
            if cursors[shard] >= end { continue }
            let last = min(end, cursors[shard] + 64)
            for offset in cursors[shard]..<last { _ = readers[shard].read(world.logs[shard][Int(offset)]) }
            cursors[shard] = last
            return
        }
        if generator.chance(6) { return giveUp() }
        say("has read the shards back")
        resume()
    }

    /// Begins again, in the same generation: the partition's leader did not answer.
    private func giveUp() {
        say("gives up, and will claim again")
        phase = .starting
        epoch = OwnerEpoch(generation: world.bug == .noFence ? 1 : generation)
        checkpoints = Array(repeating: nil, count: shardCount)
        claims = Array(repeating: -1, count: shardCount)
    }

    private func resume() {
        var chains = readers.map { $0.state(of: source) }
        if world.bug == .openingAtEnds {
            chains = chains.map { SourceChainState(epoch: $0.epoch, through: $0.through, progress: $0.progress) }
        }
        if let rival = rival() {
            guard world.isMember(self) || world.bug == .lineageWithoutAsking else {
                say("finds \(rival) and lets go")
                return release()
            }
            epoch = max(epoch, rival).successor(generation: generation)
            return claim(over: chains.compactMap(\.epoch).max())
        }
        let resumption = PartitionOwner.resume(
            source: source, epoch: epoch, chains: chains, available: available(chains), start: 0)
        owner = resumption.owner
        phase = .opening
        waiting = resumption.openings.count
        for opening in resumption.openings {
            say("opens shard \(opening.shard) at \(opening.to)")
            let update = RegisterUpdate(
                source: source, epoch: epoch, from: opening.from, to: opening.to, progress: opening.progress,
                gap: opening.gap, amounts: Amounts())
            send(.update(update), to: opening.shard, tag: Tag.opening)
        }
        if waiting == 0 { startCounting() }
    }

    /// The highest epoch in the way of this one, over all shards.
    private func rival() -> OwnerEpoch? {
        let rivals = readers.compactMap { $0.rival(of: epoch, for: source) }
        switch world.bug {
        case .noFence: return nil
        case .sharedEpoch: return rivals.filter { $0 != epoch }.max()
        case .readBackBeforeClaim: return rivals.filter { $0 > epoch }.max()
        default: return rivals.max()
        }
    }

    /// What the broker has, compared with the records that the chains remember.
    private func available(_ chains: [SourceChainState]) -> PartitionOwner.Available {
        let life = world.sources[partition].current
        let incarnation = chains.compactMap { $0.through?.incarnation }.max() ?? 0
        let isForeign = chains.contains { chain in
            guard let through = chain.through, through.incarnation == incarnation, let tail = chain.progress.tail,
                let found = life.tail(before: Int(through.offset))
            else { return false }
            return found != tail
        }
        return .init(low: Int64(life.low), high: Int64(life.high), isForeign: isForeign)
    }

    private func startCounting() {
        guard let owner else { return }
        say("counts from \(owner.position)")
        phase = .counting
        cursor = Int(owner.position.offset)
        progress = owner.progress
        let life = world.sources[partition].lives[Int(owner.position.incarnation)]
        identities = world.bug == .noReadBackOfIdentities ? [] : life.identities(before: cursor)
        if world.bug == .rangeOffByOne, cursor < life.high, owner.boundary == nil { cursor += 1 }
    }

    // MARK: Counting

    /// The next small step. False when there is nothing to do.
    func advance(_ generator: inout SeededGenerator) -> Bool {
        switch phase {
        case .starting:
            start()
            return true
        case .asking:
            ask()
            return true
        case .readingBack:
            readBack(&generator)
            return true
        case .counting:
            return read(&generator)
        case .claiming, .opening, .released:
            return false
        }
    }

    private func read(_ generator: inout SeededGenerator) -> Bool {
        guard let owner, !isDraining else { return false }
        let model = world.sources[partition]
        if model.life != Int(owner.position.incarnation) || cursor < model.current.low {
            if flights.count >= OwnerDriver.flightsMax { return false }
            jump(&generator)
            return true
        }
        if let boundary = owner.boundary, cursor >= Int(boundary.offset) { return seal(&generator) }
        guard cursor < model.current.high else { return false }
        let isRecord = model.current.records[cursor] != nil
        if isRecord { count(offset: cursor) }
        cursor += 1
        say("reads p\(partition)/\(cursor - 1)\(isRecord ? "" : ", which holds nothing")")
        return true
    }

    private func count(offset: Int) {
        guard let record = world.sources[partition].current.records[offset] else { return }
        identities.removeAll { $0.offset < offset - SourceLife.identityWindow }
        let isDuplicate = identities.contains { $0.identity == record.identity }
        identities.append((offset, record.identity))
        let time = SliceTime.time(record.eventSeconds)
        let horizon = progress.watermark?.advanced(
            by: -Int64(SliceTime.horizonSeconds) * Timestamp.nanosecondsPerSecond)
        let isLate = horizon.map { time < $0 } ?? false
        if !isDuplicate {
            let shown = isLate ? progress.watermark ?? time : time
            let cell = SliceTime.cell(slice: SliceTime.seconds(shown) / SliceTime.sliceSeconds, isLate: isLate)
            for shard in 0..<shardCount { amounts[shard].add(record.weight(shard: shard), to: cell) }
        }
        progress.watermark = max(progress.watermark ?? time, time)
        progress.tail = record.fingerprint
    }

    /// Ends the range and sends it. False when there is nothing to end, or too much is on its way.
    func seal(_ generator: inout SeededGenerator) -> Bool {
        guard phase == .counting, flights.count < OwnerDriver.flightsMax, let position = owner?.position,
            Int(position.offset) < cursor, let range = owner?.seal(next: Int64(cursor))
        else { return false }
        say("seals \(range.from) to \(range.to)")
        send(range, gap: nil, &generator)
        return true
    }

    private func jump(_ generator: inout SeededGenerator) {
        guard let position = owner?.position else { return }
        if Int(position.offset) < cursor { _ = seal(&generator) }
        let model = world.sources[partition]
        let available = PartitionOwner.Available(
            low: Int64(model.current.low), high: Int64(model.current.high),
            isForeign: model.life != Int(position.incarnation))
        let ranges = owner?.jump(to: available) ?? []
        identities = []
        progress.tail = nil
        for (range, gap) in ranges {
            say("jumps from \(range.from) to \(range.to), \(gap.rawValue)")
            if range.to.incarnation != range.from.incarnation {
                progress.watermark = nil
            }
            cursor = Int(range.to.offset)
            send(range, gap: gap, &generator)
        }
    }

    /// Says that the partition was read to its end. False when it was not.
    func sayIdle(_ generator: inout SeededGenerator) -> Bool {
        guard phase == .counting, let owner, flights.isEmpty, !isDraining, Int(owner.position.offset) == cursor,
            owner.boundary == nil, Int(owner.position.incarnation) == world.sources[partition].life,
            cursor == world.sources[partition].current.high, let range = self.owner?.seal(next: Int64(cursor))
        else { return false }
        progress.idleThrough = SliceTime.time(world.now)
        say("says that p\(partition) is idle through \(world.now) s")
        send(range, gap: nil, &generator)
        return true
    }

    private func send(_ range: PartitionOwner.SealedRange, gap: SourceGapCause?, _ generator: inout SeededGenerator) {
        var waiting = 0
        let tag = firstFlight + flights.count
        for shard in 0..<shardCount {
            let count = amounts[shard].isEmpty ? 1 : 1 + generator.below(10) / 8
            for (part, amounts) in amounts[shard].parts(count).enumerated() {
                let update = RegisterUpdate(
                    source: source, epoch: epoch, from: range.from, to: range.to, progress: progress, gap: gap,
                    part: part, parts: count, amounts: amounts)
                send(.update(update), to: shard, tag: tag)
                waiting += 1
            }
            amounts[shard] = Amounts()
        }
        flights.append(Flight(to: range.to, waiting: waiting))
        if world.bug == .commitBeforeAcknowledge { committable = range.to }
    }

    // MARK: Letting go

    /// Commits what all shards have acknowledged.
    func commit() -> Bool {
        guard let point = committable, phase != .released else { return false }
        var hint: OwnerHint?
        let places = acknowledged.compactMap { $0 }
        if places.count == shardCount { hint = OwnerHint(epoch: epoch, places: places) }
        if world.commit(point, hint: hint, by: self) { committable = nil }
        return true
    }

    /// A drained owner lets go. False when it is not drained.
    func letGo(_ generator: inout SeededGenerator) -> Bool {
        guard isDraining else { return false }
        switch phase {
        case .starting, .asking, .claiming, .readingBack, .opening: break
        case .counting:
            if seal(&generator) { return true }
            guard flights.isEmpty, let owner, Int(owner.position.offset) == cursor else { return false }
        case .released: return false
        }
        release()
        return true
    }

    private func release() {
        say("lets go of p\(partition)")
        phase = .released
        world.released(self)
    }

    /// Nothing is left to be done.
    var isQuiet: Bool {
        phase == .counting && flights.isEmpty && committable == nil
            && owner.map { Int($0.position.offset) == cursor } ?? false
            && owner.map { Int($0.position.incarnation) } == world.sources[partition].life
            && cursor == world.sources[partition].current.high
    }
}
