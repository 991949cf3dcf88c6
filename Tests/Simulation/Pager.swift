import Alerting
import Records
import Sinks
import Statistics
import TelemetryModel

/// A sink, its log, and the member of its group that dies and comes back: a shell around the product's `DeliveryEngine`.
struct Pager {
    // Kafka's side, and the sink's: they survive members.
    private var log: [CompactedPartition]
    private var committed: [(next: Int64, metadata: String)?]
    /// The ends of the feed's partitions, as the member has seen them.
    private var ends: [Int64]
    /// What dead members wrote and the broker has not seen yet: a producer keeps the order within a partition.
    private var late: [(partition: Int, records: [NotificationRecord])] = []
    /// What the sink took, in order, by alert.
    private(set) var told: [DedupKey: [Page]] = [:]
    /// How often a request may have been repeated: once for each crash and each answer that was lost.
    private(set) var excuses = 0

    // The member's side.
    private var engine: DeliveryEngine
    private var commits = FeedCommits()
    private var moment = DeliveryMoment(monotonic: 0, wall: Estate.time(0))
    private var generation: Int32 = 0
    private var read: [Int]
    private var posts: [(token: DeliveryToken, page: Page)] = []
    private var logs: [(token: DeliveryToken, partition: Int, records: [NotificationRecord])] = []
    private let hasLog: Bool
    private let seed: UInt64

    /// What a sink is told.
    struct Page: Equatable {
        let key: DedupKey
        let status: AlertStatus
        let time: Timestamp

        init(_ alert: Alert) {
            (key, status, time) = (alert.dedupKey, alert.status, alert.time)
        }

        init(_ transition: AlertTransition) { self.init(transition.alert) }
    }

    /// - Parameter hasLog: false for a planted mistake.
    init(partitions: Int, seed: UInt64, hasLog: Bool) {
        self.hasLog = hasLog
        self.seed = seed
        log = Array(repeating: CompactedPartition(), count: partitions)
        committed = Array(repeating: nil, count: partitions)
        ends = Array(repeating: 0, count: partitions)
        read = Array(repeating: 0, count: partitions)
        engine = Pager.makeEngine(seed)
        start()
    }

    private static func makeEngine(_ seed: UInt64) -> DeliveryEngine {
        var limits = DeliveryLimits()
        limits.maxAgeNanoseconds = .max
        limits.waitingMax = 6
        return DeliveryEngine(sink: PageSink(), limits: limits, seed: seed)
    }

    // MARK: Steps

    /// The offset of a partition of the feed from which the next member reads.
    func readThrough(_ partition: Int) -> Int { Int(committed[partition]?.next ?? 0) }

    /// The next record of the feed comes. False when there is none.
    mutating func deliver(_ feed: [CompactedPartition], _ random: inout SeededGenerator) -> Bool {
        let first = random.below(feed.count)
        for turn in feed.indices {
            let partition = (first + turn) % feed.count
            if deliver(feed[partition], of: partition) { return true }
        }
        return false
    }

    private mutating func deliver(_ feed: CompactedPartition, of partition: Int) -> Bool {
        ends[partition] = Int64(feed.end)
        let index = feed.index(from: read[partition])
        guard index < feed.records.count, !engine.pausedPartitions.contains(Int32(partition)) else { return false }
        let record = feed.records[index]
        read[partition] = record.offset + 1
        guard let value = record.value, let transition = try? AlertTransition(json: value) else { return true }
        step(
            .record(
                FeedRecord(
                    partition: Int32(partition), offset: Int64(record.offset), writtenAt: transition.alert.time,
                    epoch: record.epoch.rawValue, transition: transition, value: value)))
        return true
    }

    mutating func answer(_ random: inout SeededGenerator) -> Bool {
        if posts.isEmpty { return false }
        let (token, page) = posts.remove(at: random.below(posts.count))
        switch random.below(8) {
        case 0..<5: take(page, token)
        case 5: step(.answered(token, .status(429, body: [], retryAfterSeconds: Int64(random.below(60)))))
        case 6: step(.answered(token, .status(500, body: [], retryAfterSeconds: nil)))
        default:
            // It was taken, and the answer is lost.
            told[page.key, default: []].append(page)
            excuses += 1
            step(.answered(token, .none("timed out")))
        }
        return true
    }

    private mutating func take(_ page: Page, _ token: DeliveryToken) {
        told[page.key, default: []].append(page)
        step(.answered(token, .status(202, body: [], retryAfterSeconds: nil)))
    }

    mutating func writeLog() -> Bool {
        if logs.isEmpty { return false }
        let (token, partition, records) = logs.removeFirst()
        for record in records { write(record, partition) }
        step(.written(token))
        return true
    }

    private mutating func write(_ record: NotificationRecord, _ partition: Int) {
        _ = log[partition].append(record.compactionKey, record.json)
    }

    /// Something arrives that a dead member sent.
    mutating func writeLate(_ random: inout SeededGenerator) -> Bool {
        if late.isEmpty { return false }
        let index = random.below(late.count)
        if late[index].records.isEmpty {
            late.remove(at: index)
        } else {
            write(late[index].records.removeFirst(), late[index].partition)
        }
        return true
    }

    mutating func compact(_ random: inout SeededGenerator) {
        for partition in log.indices { log[partition].compact(before: random.below(log[partition].end + 1)) }
    }

    mutating func pass(seconds: Int) {
        moment.monotonic += Estate.nanoseconds(seconds)
        moment.wall = moment.wall.advanced(by: Estate.nanoseconds(seconds))
        step(.tick)
    }

    // MARK: Members

    mutating func crash(_ random: inout SeededGenerator) {
        excuses += 1
        cutConnections(&random)
        for partition in log.indices { leaveBehind(partition) }
        logs = []
        (engine, commits) = (Pager.makeEngine(seed &+ UInt64(generation)), FeedCommits())
        start()
    }

    /// A partition goes, with all on its way, and comes back.
    mutating func rebalance(_ random: inout SeededGenerator) {
        excuses += 1
        generation += 1
        let partition = random.below(log.count)
        step(.leaving(partition: Int32(partition)))
        cutConnections(&random)
        step(.gone(partition: Int32(partition)))
        commits.gone(Int32(partition))
        leaveBehind(partition)
        logs.removeAll { $0.partition == partition }
        begin(partition)
    }

    /// What was sent to the broker may still arrive.
    private mutating func leaveBehind(_ partition: Int) {
        late.append((partition, logs.filter { $0.partition == partition }.flatMap(\.records)))
    }

    /// No answer comes any more; the sink may have taken what was on its way, but takes nothing later.
    private mutating func cutConnections(_ random: inout SeededGenerator) {
        let cut = posts
        posts = []
        for (token, page) in cut {
            if random.chance(0.5) {
                told[page.key, default: []].append(page)
                excuses += 1
            }
            step(.answered(token, .none("closed")))
        }
    }

    private mutating func start() {
        generation += 1
        posts = []
        for partition in log.indices { begin(partition) }
    }

    private mutating func begin(_ partition: Int) {
        step(.assigned(partition: Int32(partition)))
        for record in log[partition].records where hasLog {
            let logged = try? NotificationRecord(
                ofSink: PageSink.kind, key: Array(record.key.utf8), value: record.value ?? [])
            if let logged { step(.logged(logged)) }
        }
        // The feed is empty when the sink is connected, so there is no history.
        let start = FeedBeginning(
            partition: Int32(partition), committed: committed[partition], low: 0, high: ends[partition]
        ).offset
        read[partition] = Int(start.next)
        commits.began(start)
        step(.began(partition: start.partition, start.start, next: start.next, writer: generation))
    }

    /// What a turn of the member commits. The group takes it: this is its only member.
    private mutating func commit() {
        guard let request = commits.next(at: moment.monotonic, isInDoubt: engine.isInDoubt) else { return }
        for offset in request.offsets {
            committed[Int(offset.partition)] = (offset.next, offset.metadata(logPartitions: Int32(log.count)))
        }
        if let input = commits.taken(request) { step(input) }
    }

    private mutating func step(_ input: DeliveryInput) {
        for effect in engine.step(input, at: moment) {
            switch effect {
            case .post(let token, let request): posts.append((token, PageSink.page(request)))
            case .deadLetter(let token, let record, _): logs.append((token, Int(record.partition), []))
            case .log(let token, let records): logs.append((token, Int(records[0].partition), records))
            case .commit(let partition, let next): commits.settled(partition, next: next)
            case .pause, .resume, .trouble, .recovered, .count: break
            }
        }
        commit()
    }

    // MARK: The end

    /// Reads all, and the sink takes all. False while something is left to do.
    mutating func drain(_ feed: [CompactedPartition]) -> Bool {
        for _ in 0..<100 {
            if let (token, page) = posts.first {
                posts.removeFirst()
                take(page, token)
            } else if !logs.isEmpty {
                _ = writeLog()
            } else if feed.indices.contains(where: { deliver(feed[$0], of: $0) }) {
                continue
            } else if engine.waiting > 0 {
                pass(seconds: 300)
            } else {
                return true
            }
        }
        return false
    }
}

/// Its requests say in one line what they are about.
private struct PageSink: Sink {
    static let kind = "pager"
    let name = PageSink.kind
    let title = "the pager"

    func request(for transition: InertTransition, at moment: Timestamp) -> SinkRequest {
        let alert = transition.alert
        return SinkRequest(
            url: "https://pager.example/", headers: [],
            body: Array("\(alert.status.rawValue) \(alert.time.nanoseconds) \(alert.dedupKey.text)".utf8))
    }

    func verdict(on answer: SinkAnswer) -> SinkVerdict { SinkVerdict(answer) }

    static func page(_ request: SinkRequest) -> Pager.Page {
        let words = String(decoding: request.body, as: UTF8.self).split(separator: " ", maxSplits: 2)
        guard words.count == 3, let status = AlertStatus(rawValue: String(words[0])), let time = Int64(words[1]),
            let key = DedupKey(text: String(words[2]))
        else { preconditionFailure("a request as it was made") }
        return Pager.Page(status: status, time: Timestamp(nanoseconds: time), key: key)
    }
}

extension Pager.Page {
    fileprivate init(status: AlertStatus, time: Timestamp, key: DedupKey) {
        (self.status, self.time, self.key) = (status, time, key)
    }
}
