import Alerting
import Statistics
import TelemetryModel

/// Brings the transitions of the alert feed to one sink: a value without clock, I/O or Kafka.
///
/// The feed is the outbox. A transition is judged by the notification log when all before it of the same alert are settled,
/// and is settled when the sink took or refused it and the log says so; only then its offset may be committed. So the
/// order of each alert is kept, alerts that wait hold up no others, and a crash at any step repeats what was on its way,
/// of which there is one at a time, and nothing else.
public struct DeliveryEngine: Sendable {
    /// An alert of a partition.
    struct Place: Hashable, Sendable {
        var partition: Int32
        var key: DedupKey
    }

    struct Item: Sendable {
        var record: FeedRecord
        /// The sink was told of it before there was a log.
        var wasSentBefore = false
        /// It lies before the partition's start.
        var isHistory = false
    }

    /// The unsettled transitions of one alert, the oldest first. Never empty.
    struct Queue: Sendable {
        enum State: Sendable, Equatable {
            /// Not judged yet, because the partition is about to go.
            case new
            /// To be sent when it is its turn, or when its wait is over.
            case ready, delayed
            case posting, setApart
            /// The log is written; `isSent` where the sink has answered.
            case logging(isSent: Bool)

            var isInFlight: Bool {
                switch self {
                case .posting, .setApart, .logging(isSent: true): true
                case .new, .ready, .delayed, .logging: false
                }
            }
        }

        var items: [Item]
        var state = State.new
        /// What the log holds once the first of them is settled.
        var entry: NotificationEntry?
        var failures = 0
        /// It waits for as long as the sink asked, or was brought forward once already.
        var isToWait = false
    }

    struct Partition: Sendable {
        enum Phase: Sendable { case restoring, running, leaving }

        var phase = Phase.restoring
        var log = NotificationLog()
        /// While restoring: the latest of each alert before the start.
        var history: [DedupKey: FeedRecord] = [:]
        var queues: [DedupKey: Queue] = [:]
        var writer: Int32 = 0
        var next: Int64 = 0
        var committed: Int64?
        var waiting = 0
        var bytes = 0
        /// Unsettled transitions before the start: until there are none, a restart has to begin in the same way.
        var historyLeft = 0
        var isPaused = false
        var forgetAt: Int64 = 0
    }

    struct Trouble: Sendable {
        var cause: SinkRefusal
        var since: DeliveryMoment
        var saidAt: Int64
        var isPartial = false
    }

    public private(set) var sink: any Sink
    public let limits: DeliveryLimits
    /// Of the waits between attempts.
    var generator: SeededGenerator
    var now = DeliveryMoment(monotonic: 0, wall: Timestamp(nanoseconds: 0))
    var partitions: [Int32: Partition] = [:]
    /// Whom a token is about; nil for what nobody waits for.
    var tokens: [DeliveryToken: Place] = [:]
    private var lastToken: UInt64 = 0
    /// Alerts whose turn it is, in the order in which they are to be sent.
    var ready: [Place] = []
    /// Alerts that wait for their next attempt, with its time.
    var delayed: [Place: Int64] = [:]
    var failing: Set<Place> = []
    var inFlight = 0
    /// The sink asked to be left alone until then.
    var heldUntil: Int64 = .min
    /// The process stood still for a while, or Kafka kept the thread: the group may have given the partitions to another
    /// member, and what waits here may be sent by that one. Nothing is sent until the group has confirmed this one, by taking
    /// a commit.
    public private(set) var isInDoubt = false
    private var hasBegun = false
    var trouble: Trouble?
    var effects: [DeliveryEffect] = []
    /// Partitions whose commit or pause is to be looked at.
    var touched: Set<Int32> = []

    /// - Parameter seed: of the waits between attempts.
    public init(sink: any Sink, limits: DeliveryLimits = DeliveryLimits(), seed: UInt64) {
        self.sink = sink
        self.limits = limits
        generator = SeededGenerator(seed: seed)
    }

    /// Takes what happened, and says what is to be done.
    public mutating func step(_ input: DeliveryInput, at moment: DeliveryMoment) -> [DeliveryEffect] {
        // Before anything else: what comes first after a pause are answers, which would make room for the next request.
        let stoodStill = hasBegun && moment.monotonic - now.monotonic > limits.stillMaxNanoseconds
        if stoodStill { isInDoubt = true }
        hasBegun = true
        now = moment
        switch input {
        case .assigned(let partition):
            drop(partition)
            partitions[partition] = Partition()
        case .logged(let record):
            partitions[record.partition]?.log.restore(record.entry, of: record.key, writer: record.writer)
        case .history(let record): keep(record)
        case .began(let partition, let start, let next, let writer): begin(partition, start, next: next, writer)
        case .record(let record): take(record)
        case .restarted(let partition, let next): restart(partition, at: next)
        case .passedOver(let partition, let offset): advance(partition, to: offset + 1)
        case .answered(let token, let answer): take(answer, token)
        case .written(let token): settle(token)
        case .tick:
            wake()
            for partition in partitions.keys.sorted() { forget(partition) }
        // A commit that was taken before a stop says nothing of what came after it.
        case .confirmed: if !stoodStill { isInDoubt = false }
        case .leaving(let partition): leave(partition)
        case .gone(let partition): drop(partition)
        }
        send()
        tellTrouble()
        for partition in touched.sorted() { settleOffsets(of: partition) }
        touched = []
        defer { effects = [] }
        return effects
    }

    // MARK: What can be asked

    /// Transitions that were read and are not settled.
    public var waiting: Int { partitions.values.reduce(0) { $0 + $1.waiting } }

    /// When the oldest of them was written into the feed.
    public var oldestWaiting: Timestamp? {
        partitions.values.lazy.flatMap(\.queues.values).compactMap { $0.items.first?.record.writtenAt }.min()
    }

    /// The transition of which an answer is awaited under this token; nil where nobody waits for it.
    public func posted(_ token: DeliveryToken) -> FeedRecord? {
        guard let place = tokens[token], let queue = partitions[place.partition]?.queues[place.key],
            queue.state == .posting
        else { return nil }
        return queue.items.first?.record
    }

    /// The offset from which the partition is read on; nil where it is not read.
    public func next(of partition: Int32) -> Int64? {
        partitions[partition].flatMap { $0.phase == .restoring ? nil : $0.next }
    }

    public var pausedPartitions: [Int32] { partitions.filter(\.value.isPaused).keys.sorted() }

    /// Has requests made by a sink of the same name from now on, which differs in its secret.
    public mutating func renew(_ sink: any Sink) { self.sink = sink }

    /// Whether nothing of the partition is on its way to the sink, the dead letters or the log.
    public func isQuiet(_ partition: Int32) -> Bool { !tokens.values.contains { $0.partition == partition } }

    /// Whether something is on its way to the sink, the dead letters or the log.
    public var isBusy: Bool { !tokens.isEmpty }

    /// Alerts of which the log holds something.
    public var remembered: Int { partitions.values.reduce(0) { $0 + $1.log.count } }

    mutating func makeToken(for place: Place? = nil) -> DeliveryToken {
        lastToken += 1
        let token = DeliveryToken(number: lastToken)
        tokens[token] = place
        return token
    }

    // MARK: Requests

    /// Sends what is next in turn, as far as there is room.
    private mutating func send() {
        if isInDoubt || now.monotonic < heldUntil { return }
        while inFlight < limits.inFlightMax, !ready.isEmpty {
            let place = ready.removeFirst()
            guard let partition = partitions[place.partition], partition.phase == .running,
                let queue = partition.queues[place.key], queue.state == .ready, let item = queue.items.first
            else { continue }
            partitions[place.partition]?.queues[place.key]?.state = .posting
            inFlight += 1
            effects.append(
                .post(makeToken(for: place), sink.request(for: InertTransition(item.record.transition), at: now.wall)))
        }
    }

    // MARK: Offsets

    /// Commits what is settled, and pauses or resumes the partition by what waits.
    private mutating func settleOffsets(of number: Int32) {
        guard var partition = partitions[number], partition.phase != .restoring else { return }
        let unsettled = partition.queues.values.compactMap { $0.items.first?.record.offset }.min()
        let settled = min(unsettled ?? partition.next, partition.next)
        if partition.historyLeft == 0, settled > partition.committed ?? -1 {
            partition.committed = settled
            effects.append(.commit(partition: number, next: settled))
        }
        let isFull = partition.waiting > limits.waitingMax || partition.bytes > limits.waitingBytesMax
        let hasRoom = partition.waiting <= limits.waitingMax / 2 && partition.bytes <= limits.waitingBytesMax / 2
        if !partition.isPaused, isFull {
            partition.isPaused = true
            effects.append(.pause(partition: number))
        } else if partition.isPaused, hasRoom {
            partition.isPaused = false
            effects.append(.resume(partition: number))
        }
        partitions[number] = partition
    }
}
