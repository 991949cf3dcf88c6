import Alerting
import Statistics
import TelemetryModel

@testable import Sinks

/// A feed, a log, a sink and members that die, under an engine: whatever order a seed chooses.
///
/// The sink remembers what it took, the truth what each alert did; they have to agree.
struct DeliveryWorld {
    static let partitions: Int32 = 2

    private var random: SeededGenerator
    private let limits: DeliveryLimits
    private var engine: DeliveryEngine
    private var commits = FeedCommits()
    private var now = DeliveryMoment(monotonic: 0, wall: at(0))
    private var generation: Int32 = 1

    // Kafka's side: survives members.
    private var feed: [Int32: [FeedRecord]] = [:]
    private var log: [Int32: [(key: String, value: [UInt8]?)]] = [:]
    private var committed: [Int32: (next: Int64, metadata: String)] = [:]
    /// What dead members wrote and the broker has not seen yet: a producer keeps the order within a partition.
    private var late: [(partition: Int32, records: [NotificationRecord])] = []

    // The member's side.
    private var read: [Int32: Int64] = [:]
    private var posts: [(DeliveryToken, word: String)] = []
    private var logs: [(DeliveryToken, partition: Int32, [NotificationRecord])] = []
    private var letters: [(DeliveryToken, word: String)] = []

    /// By alert, in order: what it did, and what the sink took or refused.
    private(set) var truth: [DedupKey: [AlertTransition]] = [:]
    private var epochs: [DedupKey: [Int64]] = [:]
    private(set) var seen: [String] = []
    private(set) var crashes = 0
    /// Answers that were lost although the sink had taken the request.
    private(set) var lostAnswers = 0
    private(set) var inFlightMax = 0
    private(set) var waitingMax = 0
    /// How many transitions of an alert the sink need not be told of, which was connected after them.
    private var before: [DedupKey: Int] = [:]
    /// Members that stood still for so long that others have their partitions now.
    private var asleep: [(engine: DeliveryEngine, commits: FeedCommits)] = []
    /// Requests that such members made when they went on.
    private(set) var postsOfTheDead = 0
    private(set) var awakened = 0

    /// What the sink is to be told, by alert.
    var expected: [DedupKey: [AlertTransition]] {
        truth.map { key, history in (key, Array(history.dropFirst(before[key] ?? 0))) }
            .reduce(into: [:]) { if !$1.1.isEmpty { $0[$1.0] = $1.1 } }
    }

    init(seed: UInt64, limits: DeliveryLimits = DeliveryLimits()) {
        random = SeededGenerator(seed: seed)
        self.limits = limits
        engine = DeliveryEngine(sink: WordSink(), limits: limits, seed: random.next())
        // The sink is connected to a feed that has something already: what is open of that it is told.
        for _ in 0..<random.below(20) { append() }
        for (key, history) in truth {
            before[key] = history.last?.alert.status == .open ? history.count - 1 : history.count
        }
        start()
    }

    mutating func run(steps: Int) {
        for _ in 0..<steps { stepOnce() }
        drain()
    }

    private mutating func stepOnce() {
        switch random.below(100) {
        case 0..<14: append()
        case 14..<20: appendLate()
        case 20..<45: deliver()
        case 45..<70: answer()
        case 70..<85: writeOne()
        case 85..<96: pass(seconds: random.below(120))
        case 96: if random.chance(0.5) { crash() } else { standStill() }
        case 97: rebalance()
        case 98: if random.chance(0.5) { compact() } else { wake() }
        default: writeLate()
        }
        inFlightMax = max(inFlightMax, posts.count)
        waitingMax = max(waitingMax, engine.waiting)
    }

    // MARK: The feed

    private mutating func append() {
        let key = DedupKey(kind: "slo", name: "k\(random.below(6))")
        let history = truth[key] ?? []
        let minute = (history.last.map { ($0.alert.time.nanoseconds - at(0).nanoseconds) / 60_000_000_000 } ?? 0)
        let next = transition(
            history.count % 2 == 0 ? .open : .resolved, key: key, minute: minute + 1 + Int64(random.below(5)))
        truth[key] = history + [next]
        epochs[key, default: []].append(Int64(generation))
        put(next, epoch: Int64(generation))
    }

    /// An evaluator that was declared dead writes late what was written before, or what it alone believed.
    private mutating func appendLate() {
        guard let key = truth.keys.sorted(by: { $0.text < $1.text }).randomElement(using: &random),
            let history = truth[key], let written = epochs[key]
        else { return }
        let index = random.below(history.count)
        var again = history[index]
        if random.chance(0.3), let newest = history.last {
            // Believed by nobody else, and not later than what is known.
            again.alert.status = .open
            again.alert.time = newest.alert.time.advanced(by: -Int64(1 + random.below(100)) * 1_000_000_000)
        }
        put(again, epoch: Int64(random.below(Int(written[index]) + 1)))
    }

    private mutating func put(_ transition: AlertTransition, epoch: Int64) {
        let partition = Int32(transition.alert.dedupKey.text.utf8.reduce(0) { $0 &+ Int($1) } % Int(Self.partitions))
        let records = feed[partition] ?? []
        feed[partition] =
            records + [
                FeedRecord(
                    partition: partition, offset: Int64(records.count), writtenAt: transition.alert.time, epoch: epoch,
                    transition: transition, value: transition.json)
            ]
    }

    private mutating func deliver() {
        let partition = Int32(random.below(Int(Self.partitions)))
        guard let next = read[partition], let records = feed[partition], next < records.count,
            !engine.pausedPartitions.contains(partition)
        else { return }
        read[partition] = next + 1
        step(.record(records[Int(next)]))
    }

    // MARK: The sink

    private mutating func answer() {
        guard !posts.isEmpty else { return }
        let (token, word) = posts.remove(at: random.below(posts.count))
        switch random.below(10) {
        case 0..<5:
            seen.append(word)
            step(.answered(token, .status(202, body: [], retryAfterSeconds: nil)))
        case 5: step(.answered(token, .status(429, body: [], retryAfterSeconds: Int64(random.below(60)))))
        case 6: step(.answered(token, .status(500, body: [], retryAfterSeconds: nil)))
        case 7: step(.answered(token, .none("closed")))
        case 8:
            seen.append(word)
            lostAnswers += 1
            step(.answered(token, .none("timed out")))
        default:
            letters.append((token, word))
            step(.answered(token, .status(400, body: [], retryAfterSeconds: nil)))
        }
    }

    // MARK: The log

    private mutating func writeOne() {
        guard !logs.isEmpty else { return }
        let (token, partition, records) = logs.removeFirst()
        for record in records { write(record, partition) }
        // The broker has it; whether the member hears of it is another matter.
        if random.chance(0.05) { return crash() }
        step(.written(token))
    }

    private mutating func write(_ record: NotificationRecord, _ partition: Int32) {
        log[partition, default: []].append((record.compactionKey, record.json))
    }

    private mutating func writeLate() {
        guard !late.isEmpty else { return }
        let index = random.below(late.count)
        if late[index].records.isEmpty {
            late.remove(at: index)
        } else {
            write(late[index].records.removeFirst(), late[index].partition)
        }
    }

    private mutating func compact() {
        for partition in 0..<Self.partitions {
            var last: [String: Int] = [:]
            let records = log[partition] ?? []
            for (index, record) in records.enumerated() { last[record.key] = index }
            log[partition] = records.enumerated().filter { last[$1.key] == $0 && $1.value != nil }.map(\.element)
        }
    }

    // MARK: Members

    private mutating func crash() {
        crashes += 1
        // What was sent to the broker may still arrive.
        for partition in 0..<Self.partitions {
            late.append((partition, logs.filter { $0.partition == partition }.flatMap(\.2)))
        }
        cutConnections()
        (posts, logs, letters) = ([], [], [])
        (engine, commits) = (DeliveryEngine(sink: WordSink(), limits: limits, seed: random.next()), FeedCommits())
        start()
    }

    /// No answer comes any more; the sink may have taken what was on its way, but takes nothing later.
    private mutating func cutConnections() {
        for (_, word) in posts where random.chance(0.5) {
            seen.append(word)
            lostAnswers += 1
        }
        let cut = posts
        posts = []
        for (token, _) in cut { step(.answered(token, .none("closed"))) }
    }

    /// A partition goes, with all on its way, and comes back.
    private mutating func rebalance() {
        crashes += 1
        generation += 1
        let partition = Int32(random.below(Int(Self.partitions)))
        step(.leaving(partition: partition))
        cutConnections()
        step(.gone(partition: partition))
        commits.gone(partition)
        let mine = logs.filter { $0.partition == partition }
        logs.removeAll { $0.partition == partition }
        late.append((partition, mine.flatMap(\.2)))
        begin(partition)
    }

    private mutating func start() {
        generation += 1
        for partition in 0..<Self.partitions { begin(partition) }
    }

    private mutating func begin(_ partition: Int32) {
        step(.assigned(partition: partition))
        for (key, value) in log[partition] ?? [] {
            let record = try? NotificationRecord(ofSink: "word", key: Array(key.utf8), value: value ?? [])
            if let record { step(.logged(record)) }
        }
        let records = feed[partition] ?? []
        let beginning = FeedBeginning(
            partition: partition, committed: committed[partition], low: 0, high: Int64(records.count))
        let start = beginning.offset
        for record in beginning.hasHistory ? records.prefix(Int(start.next)) : [] { step(.history(record)) }
        read[partition] = start.next
        commits.began(start)
        step(.began(partition: partition, start.start, next: start.next, writer: generation))
        // Nothing is lost before the group knows where the sink was connected; else it is connected once more.
        while committed[partition] == nil { commit() }
    }

    /// What a turn of a member commits. A commit may be lost, as long as a later one is not.
    private mutating func commit() {
        guard let request = commits.next(at: now.monotonic, isInDoubt: engine.isInDoubt) else { return }
        guard random.chance(0.7) else { return }
        for offset in request.offsets {
            committed[offset.partition] = (offset.next, offset.metadata(logPartitions: Self.partitions))
        }
        if let input = commits.taken(request) { step(input) }
    }

    /// The member is stopped until the group has given its partitions to another one.
    private mutating func standStill() {
        crashes += 1
        cutConnections()
        // What it had sent to the broker is on its way all the same.
        for partition in 0..<Self.partitions {
            late.append((partition, logs.filter { $0.partition == partition }.flatMap(\.2)))
        }
        asleep.append((engine, commits))
        (posts, logs, letters) = ([], [], [])
        now.monotonic += 60_000_000_000
        now.wall = now.wall.advanced(by: 60_000_000_000)
        (engine, commits) = (DeliveryEngine(sink: WordSink(), limits: limits, seed: random.next()), FeedCommits())
        start()
    }

    /// It goes on, and takes its partitions for its own until the group refuses what it commits.
    private mutating func wake() {
        if asleep.isEmpty { return }
        awakened += 1
        var (engine, commits) = asleep.removeLast()
        for turn in 0..<10 {
            var moment = now
            moment.monotonic += Int64(turn) * 1_500_000_000
            for effect in engine.step(.tick, at: moment) {
                if case .post = effect { postsOfTheDead += 1 }
            }
            if commits.next(at: moment.monotonic, isInDoubt: engine.isInDoubt) != nil {
                commits.failed(at: moment.monotonic)
            }
        }
    }

    private mutating func pass(seconds: Int) {
        now.monotonic += Int64(seconds) * 1_000_000_000
        now.wall = now.wall.advanced(by: Int64(seconds) * 1_000_000_000)
        step(.tick)
        repeat { commit() } while engine.isInDoubt
    }

    private mutating func step(_ input: DeliveryInput) {
        for effect in engine.step(input, at: now) {
            switch effect {
            case .post(let token, let request): posts.append((token, String(decoding: request.body, as: UTF8.self)))
            case .deadLetter(let token, let record, _):
                // Sent and acknowledged at once: a repeat of it is no repeat at the sink.
                letters.removeAll { $0.0 == token }
                seen.append(WordSink.word(record.transition))
                logs.append((token, record.partition, []))
            case .log(let token, let records): logs.append((token, records[0].partition, records))
            case .commit(let partition, let next): commits.settled(partition, next: next)
            case .pause, .resume, .trouble, .recovered, .count: break
            }
        }
    }

    /// Reads all, and the sink takes all.
    private mutating func drain() {
        for _ in 0..<100_000 {
            if let (token, word) = posts.first {
                posts.removeFirst()
                seen.append(word)
                step(.answered(token, .status(202, body: [], retryAfterSeconds: nil)))
            } else if let (token, partition, records) = logs.first {
                logs.removeFirst()
                for record in records { write(record, partition) }
                step(.written(token))
            } else if let partition = (0..<Self.partitions).first(where: { partition in
                read[partition, default: 0] < feed[partition]?.count ?? 0
                    && !engine.pausedPartitions.contains(partition)
            }) {
                step(.record(feed[partition]![Int(read[partition]!)]))
                read[partition]! += 1
            } else if engine.waiting > 0 {
                pass(seconds: 300)
            } else {
                return
            }
        }
    }
}
