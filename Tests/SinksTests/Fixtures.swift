import Alerting
import TelemetryModel

@testable import Sinks

/// 2026-11-20T10:00:00Z plus so many minutes.
func at(_ minutes: Int64) -> Timestamp {
    Timestamp(nanoseconds: 1_795_168_800_000_000_000 + minutes * 60_000_000_000)
}

func transition(
    _ status: AlertStatus = .open, key: DedupKey = DedupKey(kind: "slo", name: "a"), minute: Int64 = 0,
    summary: String = "a burns"
) -> AlertTransition {
    AlertTransition(
        alert: Alert(
            dedupKey: key, severity: .critical, status: status, summary: summary, source: "shop", time: at(minute),
            openedAt: at(minute)), reason: "because")
}

/// Takes what it is sent; its requests say in one word what they are about.
struct WordSink: Sink {
    static let kind = "word"
    let name = "word"
    let title = "the sink"

    func request(for transition: InertTransition, at moment: Timestamp) -> SinkRequest {
        SinkRequest(url: "https://sink.example/", headers: [], body: Array(WordSink.word(transition.transition).utf8))
    }

    func verdict(on answer: SinkAnswer) -> SinkVerdict { SinkVerdict(answer) }

    /// `open slo/a 5`: the status, the key without its hash, the minute.
    static func word(_ transition: AlertTransition) -> String {
        let alert = transition.alert
        let name = alert.dedupKey.text.split(separator: "/").dropLast().joined(separator: "/")
        return "\(alert.status.rawValue) \(name) \((alert.time.nanoseconds - at(0).nanoseconds) / 60_000_000_000)"
    }
}

/// An engine with what stands around it, which does nothing by itself: every answer and every acknowledgement is a step.
struct Bench {
    var engine: DeliveryEngine
    private(set) var now = DeliveryMoment(monotonic: 0, wall: at(0))
    /// In the order of requests: all words that were sent.
    private(set) var sent: [String] = []
    /// On their way.
    private(set) var posts: [(token: DeliveryToken, word: String)] = []
    private(set) var logs: [(token: DeliveryToken, records: [NotificationRecord])] = []
    private(set) var letters: [(token: DeliveryToken, record: FeedRecord, refusal: SinkRefusal)] = []
    private(set) var committed: [Int32: Int64] = [:]
    private(set) var paused: Set<Int32> = []
    private(set) var troubles: [DeliveryTrouble] = []
    private(set) var recoveries: [Int64] = []
    private(set) var counts: [DeliveryOutcome: Int] = [:]
    private var offsets: [Int32: Int64] = [:]

    init(_ limits: DeliveryLimits = DeliveryLimits(), seed: UInt64 = 1) {
        engine = DeliveryEngine(sink: WordSink(), limits: limits, seed: seed)
    }

    mutating func step(_ input: DeliveryInput) {
        for effect in engine.step(input, at: now) {
            switch effect {
            case .post(let token, let request):
                let word = String(decoding: request.body, as: UTF8.self)
                sent.append(word)
                posts.append((token, word))
            case .deadLetter(let token, let record, let refusal): letters.append((token, record, refusal))
            case .log(let token, let records): logs.append((token, records))
            case .commit(let partition, let next): committed[partition] = next
            case .pause(let partition): paused.insert(partition)
            case .resume(let partition): paused.remove(partition)
            case .trouble(let trouble): troubles.append(trouble)
            case .recovered(let nanoseconds): recoveries.append(nanoseconds)
            case .count(let outcome): counts[outcome, default: 0] += 1
            }
        }
    }

    mutating func begin(
        _ partition: Int32 = 0, _ start: FeedStart = .resumed, next: Int64 = 0, writer: Int32 = 1,
        log: [NotificationRecord] = [], history: [FeedRecord] = []
    ) {
        step(.assigned(partition: partition))
        for record in log { step(.logged(record)) }
        for record in history { step(.history(record)) }
        offsets[partition] = next
        step(.began(partition: partition, start, next: next, writer: writer))
    }

    /// The position in the feed is lost, and there is something else from `next` on.
    mutating func restart(_ partition: Int32 = 0, at next: Int64) {
        offsets[partition] = next
        step(.restarted(partition: partition, next: next))
    }

    func record(
        _ transition: AlertTransition, partition: Int32 = 0, offset: Int64, writtenAt: Timestamp? = nil,
        epoch: Int64 = 0,
        isMarkedPast: Bool = false
    ) -> FeedRecord {
        FeedRecord(
            partition: partition, offset: offset, writtenAt: writtenAt ?? transition.alert.time, epoch: epoch,
            isMarkedPast: isMarkedPast, transition: transition, value: transition.json)
    }

    /// Reads the next record of the feed.
    mutating func read(
        _ transition: AlertTransition, partition: Int32 = 0, writtenAt: Timestamp? = nil, epoch: Int64 = 0,
        isMarkedPast: Bool = false
    ) {
        let offset = offsets[partition, default: 0]
        offsets[partition] = offset + 1
        step(
            .record(
                record(
                    transition, partition: partition, offset: offset, writtenAt: writtenAt, epoch: epoch,
                    isMarkedPast: isMarkedPast)))
    }

    mutating func read(_ status: AlertStatus, _ name: String, _ minute: Int64, partition: Int32 = 0, epoch: Int64 = 0) {
        read(
            transition(status, key: DedupKey(kind: "slo", name: name), minute: minute), partition: partition,
            epoch: epoch)
    }

    /// Answers the oldest request.
    mutating func answer(_ status: Int, _ words: String = "", retryAfter: Int64? = nil) {
        let (token, _) = posts.removeFirst()
        step(.answered(token, .status(status, body: Array(words.utf8), retryAfterSeconds: retryAfter)))
    }

    /// Acknowledges all that is written into topics.
    mutating func acknowledge() {
        while !logs.isEmpty || !letters.isEmpty {
            let tokens = logs.map(\.token) + letters.map(\.token)
            (logs, letters) = ([], [])
            for token in tokens { step(.written(token)) }
        }
    }

    /// Time in which the engine takes its turns.
    mutating func pass(seconds: Double) {
        var left = seconds
        while left > 0 {
            standStill(seconds: min(left, 4.9))
            step(.tick)
            left -= 4.9
        }
    }

    /// Time in which nothing happens.
    mutating func standStill(seconds: Double) {
        let nanoseconds = Int64(seconds * 1e9)
        now.monotonic += nanoseconds
        now.wall = now.wall.advanced(by: nanoseconds)
    }

    /// The sink takes all, and topics acknowledge all, until nothing is on its way.
    mutating func settle(status: Int = 202) {
        while !posts.isEmpty || !logs.isEmpty || !letters.isEmpty {
            if !posts.isEmpty { answer(status) }
            acknowledge()
        }
    }
}
