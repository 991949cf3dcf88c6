import CRDKafka

/// An idempotent producer, whose every message is accounted for by its delivery report.
///
/// Any thread may send. All calls may block: none of them belongs on the cooperative pool. Reports are served by the threads
/// that call: a sender now and then, and the waits. `deinit` drops what is still under way; call ``close(timeout:)`` first.
public final class KafkaProducer: Sendable {
    /// Defaults that differ from librdkafka's; settings override them. The partitioner is Java's, so that a key lies in
    /// the same partition for every writer.
    public static let defaultOptions: [String: String] = [
        "linger.ms": "10",
        "queue.buffering.max.messages": "200000",
        "queue.buffering.max.kbytes": "262144",
        "partitioner": "murmur2_random",
        "compression.codec": "lz4",
        "client.id": "tidewatch",
    ]

    /// What happens where a message does not fit: into the local queue, or into a request.
    public struct SendLimits: Sendable {
        /// How long a send waits for room in a full queue.
        public var timeout: Duration
        /// The sender makes something else of a message that is larger than `message.max.bytes`; the waits don't report it.
        public var handlesTooLarge: Bool

        public init(timeout: Duration = .seconds(60), handlesTooLarge: Bool = false) {
            self.timeout = timeout
            self.handlesTooLarge = handlesTooLarge
        }
    }

    private static let flushMilliseconds: Int32 = 1
    private static let flushInterval = Duration.milliseconds(20)
    private static let reportMilliseconds: Int32 = 5

    let client: ClientHandle
    private let ledger: LedgerBox

    /// Shared with the delivery callback, which must not hold the producer.
    private final class LedgerBox: Sendable {
        let ledger = Guarded(DeliveryTracker())
        let offsets = Guarded(DeliveredOffsets())
    }

    /// - Throws: when an option is unknown, invalid, reserved or does not fit the others. Nothing is connected yet.
    public init(settings: KafkaSettings, observer: KafkaObserver = KafkaObserver()) throws(KafkaOptionError) {
        let configuration = RawConfiguration()
        try configuration.apply(settings, defaults: Self.defaultOptions, fixed: ["enable.idempotence": "true"])
        let ledger = LedgerBox()
        let context = unsafe ClientContext(
            observer: observer,
            // librdkafka goes on retrying; a fatal error is `fatalError`, and what ails a connection comes as a log line.
            failed: { _ in },
            delivered: { message, error in
                // The opaque of a message is its sequence number, which is never zero.
                let sequence = UInt64(UInt(bitPattern: unsafe message.pointee._private))
                // The offset first: who sees a message as delivered finds it.
                if error == nil {
                    let last = ledger.ledger.withLock { $0.lastSequence }
                    ledger.offsets.withLock { unsafe $0.delivered(message, sequence, lastSequence: last) }
                }
                ledger.ledger.withLock { _ = $0.resolve(sequence, error) }
            })
        self.ledger = ledger
        client = try ClientHandle(RD_KAFKA_PRODUCER, configuration, context: context)
    }

    public var counters: DeliveryCounters { ledger.ledger.withLock { $0.counters } }
    /// The sequence of the last message that was sent; 0 before the first.
    public var lastSequence: UInt64 { ledger.ledger.withLock { $0.lastSequence } }
    /// Every message up to this sequence is delivered or failed.
    public var resolvedThrough: UInt64 { ledger.ledger.withLock { $0.resolvedThrough } }
    /// The error that ended this producer (idempotence can no longer be promised), if there was one.
    public var fatalError: KafkaError? { client.fatalError }

    /// From now on the offsets of messages that are delivered to this topic are kept for ``lastDelivered(_:)`` and ``takeTopicsSetBack()``.
    /// A topic costs a comparison of names for each delivered message, so track a few.
    ///
    /// - Parameter tellsTime: whether its append times are ``brokerTime``.
    public func track(_ topic: String, tellsTime: Bool = true) {
        ledger.offsets.withLock { $0.track(topic, tellsTime: tellsTime) }
    }

    /// Tracked topics that were seen since the last call to take a message where an older one was that the broker had acknowledged to this
    /// producer: their logs may have been made anew, or cut.
    public func takeTopicsSetBack() -> Set<String> { ledger.offsets.withLock { $0.takeSetBack() } }

    /// The highest offset of a message that the broker acknowledged to this producer for the partition, since its topic is
    /// tracked; nil before the first. In place by the time that a wait says `delivered`.
    ///
    /// A retry of which the broker only says that it has the message already comes without an offset, and changes nothing
    /// here: the true last offset is then above this one.
    public func lastDelivered(_ partition: TopicPartition) -> Int64? {
        ledger.offsets.withLock { $0.last(partition) }
    }

    /// The broker's clock now: when it has appended the messages to tracked topics, carried on by the monotonic clock; nil where
    /// it says no such time, because these topics have their messages' own (`message.timestamp.type=CreateTime`), and before the first.
    ///
    /// Never ahead of the broker's, but for what brokers' clocks differ among themselves.
    public var brokerTime: MessageTimestamp? { ledger.offsets.withLock { $0.clock.time(at: AppendClock.now) } }

    /// How many partitions a topic has; nil when there is no such topic. The question does not create it.
    public func partitionCount(of topic: String, timeout: Duration) throws(KafkaError) -> Int? {
        try client.describeTopics([topic], timeout: timeout).first?.partitions.count
    }

    /// How many partitions each topic has that exists. The question creates none.
    public func partitionCounts(timeout: Duration) throws(KafkaError) -> [String: Int] {
        try client.partitionCounts(timeout: timeout)
    }

    /// How many partitions a topic has that this producer will send to: a broker that creates topics by itself creates it.
    ///
    /// - Throws: `unknownTopicOrPartition` when there is no such topic after `timeout`.
    public func partitionCount(creating topic: String, timeout: Duration) throws(KafkaError) -> Int {
        try client.partitionCount(creating: topic, timeout: timeout)
    }

    /// Queues a message; its bytes are copied.
    ///
    /// When the local queue is full this serves delivery reports until there is room, at most `limits.timeout`.
    ///
    /// - Parameters:
    ///   - partition: nil lets the partitioner choose by key.
    ///   - value: nil writes a tombstone.
    ///   - timestampMilliseconds: since 1970; nil is now.
    /// - Returns: the message's sequence, which rises by one with each message of this producer.
    /// - Throws: when the message was not queued; its sequence then counts as failed.
    @discardableResult
    public func send(
        topic: String, partition: Int32? = nil, key: RawSpan?, value: RawSpan?, headers: [KafkaHeader] = [],
        timestampMilliseconds: Int64? = nil, limits: SendLimits = SendLimits()
    ) throws(KafkaError) -> UInt64 {
        let sequence = ledger.ledger.withLock { $0.begin() }
        if sequence & 0xFF == 0 { unsafe rd_kafka_poll(client.raw, 0) }
        let clock = ContinuousClock()
        var deadline: ContinuousClock.Instant?
        while true {
            let error = enqueue(
                sequence, topic, partition, key, value, headers, timestampMilliseconds ?? 0)
            guard let error else { return sequence }
            // The deadline is only read when the queue is full, so that a send that fits asks no clock.
            let limit = deadline ?? clock.now + limits.timeout
            deadline = limit
            if limits.handlesTooLarge, error.code == .messageTooLarge {
                ledger.ledger.withLock { $0.withdraw(sequence) }
                throw error
            }
            if error.code != .queueFull || clock.now >= limit {
                ledger.ledger.withLock { _ = $0.resolve(sequence, error) }
                throw error
            }
            ledger.ledger.withLock { $0.countWait() }
            unsafe rd_kafka_poll(client.raw, 20)
        }
    }

    /// As ``send(topic:partition:key:value:headers:timestampMilliseconds:limits:)``, for bytes in arrays.
    @discardableResult
    public func send(
        topic: String, partition: Int32? = nil, key: [UInt8]?, value: [UInt8]?, headers: [KafkaHeader] = [],
        timestampMilliseconds: Int64? = nil, limits: SendLimits = SendLimits()
    ) throws(KafkaError) -> UInt64 {
        let keyArray = key ?? []
        let valueArray = value ?? []
        let keySpan = unsafe keyArray.span.bytes
        let valueSpan = unsafe valueArray.span.bytes
        return try send(
            topic: topic, partition: partition, key: key == nil ? nil : .some(keySpan),
            value: value == nil ? nil : .some(valueSpan), headers: headers,
            timestampMilliseconds: timestampMilliseconds, limits: limits)
    }

    /// Serves delivery reports for up to `timeout`.
    public func poll(timeout: Duration) { unsafe rd_kafka_poll(client.raw, timeout.milliseconds) }

    /// Waits until every message up to `sequence` is delivered or failed, at most `timeout`. It does not wait out the
    /// linger time. A failure is reported to all who wait for it or for what came after it.
    public func waitForDelivery(through sequence: UInt64, timeout: Duration) -> DeliveryOutcome {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while resolvedThrough < sequence {
            let now = clock.now
            if now >= deadline { return .pending(resolvedThrough: resolvedThrough) }
            // A flush makes what is queued go out at once, and then reports are waited for. While it lasts, others' messages go out one by
            // one, and where a partition has messages under way, librdkafka 2.0.2 asks over and over whether it may send more.
            unsafe rd_kafka_flush(client.raw, Self.flushMilliseconds)
            let turn = min(deadline, now + Self.flushInterval)
            while resolvedThrough < sequence, clock.now < turn {
                // In short turns: another thread may serve the last report while this one waits.
                unsafe rd_kafka_poll(client.raw, Self.reportMilliseconds)
            }
        }
        let failures = ledger.ledger.withLock { $0.failures(through: sequence) }
        return failures.isEmpty ? .delivered : .failed(failures)
    }

    /// Waits for all that was sent so far.
    public func flush(timeout: Duration) -> DeliveryOutcome {
        waitForDelivery(through: lastSequence, timeout: timeout)
    }

    /// Flushes, then gives up what is still under way, so that every message has its report: those given up are failures.
    public func close(timeout: Duration) -> DeliveryOutcome {
        guard client.markClosed() else { return flush(timeout: .zero) }
        let outcome = flush(timeout: timeout)
        guard case .pending = outcome else { return outcome }
        unsafe rd_kafka_purge(client.raw, Int32(RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT))
        return flush(timeout: .seconds(10))
    }
}
