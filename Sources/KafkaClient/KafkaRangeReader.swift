import CRDKafka

/// Reads pieces of partitions without a group: the tail of a log on an assignment, a state to restore, records to be read
/// back.
///
/// One reader serves any number of readings one after the other over the same connections, so that a reading inside of a
/// rebalance costs no connecting. One thread at a time; blocks; may be used from inside of a consumer's delegate. It may be
/// dropped at any moment.
@safe
public final class KafkaRangeReader {
    /// As for the consumer: a full prefetch queue would stall the reading by up to a second. The position is never reset:
    /// one that the broker has no more is an event.
    static let defaultOptions = KafkaConsumer.defaultOptions.merging(["fetch.wait.max.ms": "50"]) { $1 }

    private static let endPatience = Duration.seconds(2)

    private let client: ClientHandle
    // Owner: this object, destroyed in `deinit`, before the client that it holds can go.
    private let queue: OpaquePointer
    private var progress = RangeProgress()
    private var patience: Duration = .zero
    private var silence: Duration = .zero

    /// - Throws: when an option is unknown, invalid, reserved or does not fit the others. Nothing is connected yet.
    public init(settings: KafkaSettings, observer: KafkaObserver = KafkaObserver()) throws(KafkaOptionError) {
        let configuration = RawConfiguration()
        try configuration.apply(
            settings, defaults: Self.defaultOptions,
            fixed: [
                "group.id": "tidewatch-reader", "enable.auto.commit": "false", "enable.auto.offset.store": "false",
                "auto.offset.reset": "error", "enable.partition.eof": "true",
            ])
        client = try ClientHandle(
            RD_KAFKA_CONSUMER, configuration, context: unsafe ClientContext(observer: observer, failed: { _ in }))
        unsafe rd_kafka_poll_set_consumer(client.raw)
        guard let queue = unsafe rd_kafka_queue_get_consumer(client.raw) else {
            throw KafkaOptionError(option: "group.id", value: "tidewatch-reader", reason: "the client has no queue")
        }
        unsafe self.queue = queue
    }

    deinit {
        unsafe rd_kafka_queue_destroy(queue)
        if client.markClosed() { unsafe rd_kafka_consumer_close(client.raw) }
    }

    /// Whether each range that ``start(_:timeout:)`` was given is done or was given up.
    public var isDone: Bool { progress.isDone }

    /// Begins to read these ranges, at most one of each partition, instead of what was read before.
    ///
    /// - Parameter timeout: for the questions that are asked here, and from then on how long ``poll(max:timeout:_:)`` puts up
    ///   with a broker that sends nothing.
    /// - Throws: when the broker does not answer, or a partition does not exist.
    public func start(_ ranges: [PartitionRange], timeout: Duration) throws(KafkaError) {
        progress = RangeProgress()
        patience = timeout
        silence = .zero
        let partitions = ranges.map(\.partition)
        precondition(Set(partitions).count == ranges.count, "a partition is read in one range at a time")
        let limits = try self.limits(of: partitions, timeout: timeout)
        for (range, limit) in zip(ranges, limits) { progress.begin(range, low: limit.low, high: limit.high) }
        try assign()
    }

    /// Hands over what is there, at most `max` messages, waiting up to `timeout` for the first. Within a partition offsets
    /// rise; the bytes are valid inside of `body` only. An `outOfRange` event comes from the poll before the one that hands
    /// over the first message beyond the gap.
    ///
    /// - Throws: `timedOut` when nothing came for as long as ``start(_:timeout:)`` was given, counted over polls; what the
    ///   broker says of a partition otherwise.
    public func poll(
        max: Int = 1_000, timeout: Duration, _ body: (TopicPartition, Message) -> Void
    ) throws(KafkaError) -> [RangeEvent] {
        var events = progress.takeEvents()
        if !events.isEmpty || isDone { return events }
        let clock = ContinuousClock()
        let begun = clock.now
        var wait = timeout.milliseconds
        var came = 0
        while came < max, events.isEmpty, let raw = unsafe rd_kafka_consume_queue(queue, wait) {
            defer { unsafe rd_kafka_message_destroy(raw) }
            wait = 0
            if try unsafe take(raw, body) { came += 1 }
            events = progress.takeEvents()
        }
        if came > 0 || !events.isEmpty { silence = .zero } else { silence += begun.duration(to: clock.now) }
        if silence >= patience, let waiting = progress.positions.first {
            let events = try giveUpBeyondEnds()
            if !events.isEmpty { return events }
            throw client.explained(
                KafkaError(
                    code: .timedOut, message: "nothing came for \(silence)", operation: "read a range",
                    partition: waiting.partition, offset: waiting.offset))
        }
        for case .done(let end) in events { stop(end.partition) }
        return events
    }

    /// Gives up what is to be read from behind a log's end: a broker that answers nothing there (tansu 0.6.0) says so by the end
    /// alone, which is believed once nothing has come.
    private func giveUpBeyondEnds() throws(KafkaError) -> [RangeEvent] {
        let positions = progress.positions
        guard let limits = try? limits(of: positions.map(\.partition), timeout: min(patience, Self.endPatience)) else {
            return []
        }
        for (position, limit) in zip(positions, limits) where position.offset > limit.high {
            _ = progress.reposition(position.partition, low: limit.low, high: limit.high)
        }
        let events = progress.takeEvents()
        if !events.isEmpty {
            silence = .zero
            try assign()
        }
        return events
    }

    /// - Returns: whether it was a message that was handed over.
    private func take(
        _ raw: UnsafeMutablePointer<rd_kafka_message_t>, _ body: (TopicPartition, Message) -> Void
    ) throws(KafkaError) -> Bool {
        let code = unsafe KafkaError.Code(raw.pointee.err)
        let offset = unsafe raw.pointee.offset
        guard let topic = unsafe raw.pointee.rkt, let name = unsafe rd_kafka_topic_name(topic) else { return false }
        let partition = unsafe TopicPartition(topic: String(cString: name), partition: raw.pointee.partition)
        switch code {
        case .none:
            let isWanted = progress.admits(
                partition, offset: offset, highWatermark: unsafe highWatermark(name, partition.partition))
            guard isWanted else { return false }
            body(partition, unsafe Message(raw, source: 0))
            progress.finishIfReached(partition)
            return true
        case .partitionEnd:
            progress.reachedEnd(partition, offset)
        case .offsetReset:
            guard let limit = try limits(of: [partition], timeout: patience).first else { return false }
            _ = progress.reposition(partition, low: limit.low, high: limit.high)
            // librdkafka has stopped the partition, and starts it with a new assignment.
            try assign()
        default:
            let text = unsafe rd_kafka_message_errstr(raw).map { unsafe String(cString: $0) }
            let error = KafkaError(code: code, message: text, operation: "read a range", partition: partition)
            // What passes is retried by librdkafka; when it does not pass, silence ends the reading.
            if !error.isRetriable { throw error }
        }
        return false
    }

    /// Makes librdkafka fetch the ranges that are open, each from where it is, and nothing else.
    private func assign() throws(KafkaError) {
        let list = PartitionList(progress.positions)
        try KafkaError.check(unsafe list.lend { unsafe rd_kafka_assign(client.raw, $0) }, "read a range")
    }

    /// Ends the fetching of a partition. When that fails it is fetched in vain, and each message is refused.
    private func stop(_ partition: TopicPartition) {
        let error = unsafe PartitionList([partition]).lend { unsafe rd_kafka_incremental_unassign(client.raw, $0) }
        if let error = unsafe error { unsafe rd_kafka_error_destroy(error) }
    }

    /// As the last answer to a fetch of the partition gave it; negative before the first.
    private func highWatermark(_ topic: UnsafePointer<CChar>, _ partition: Int32) -> Int64 {
        var (low, high) = (Int64(RD_KAFKA_OFFSET_INVALID), Int64(RD_KAFKA_OFFSET_INVALID))
        // What it can fail with, an unknown partition, leaves the two as they are.
        _ = unsafe rd_kafka_get_watermark_offsets(client.raw, topic, partition, &low, &high)
        return high
    }

    /// The first offset that the broker has of each partition and the one after the last, in the order given.
    private func limits(
        of partitions: [TopicPartition], timeout: Duration
    ) throws(KafkaError) -> [(low: Int64, high: Int64)] {
        let low = try offsets(Int64(RD_KAFKA_OFFSET_BEGINNING), of: partitions, timeout)
        let high = try offsets(Int64(RD_KAFKA_OFFSET_END), of: partitions, timeout)
        return zip(low, high).map { ($0, $1) }
    }

    private func offsets(
        _ end: Int64, of partitions: [TopicPartition], _ timeout: Duration
    ) throws(KafkaError) -> [Int64] {
        if partitions.isEmpty { return [] }
        let (answers, result) = client.logEnds(end, of: partitions, timeout: timeout)
        if let error = PartitionList.firstError(answers, "ask for the ends") { throw client.explained(error) }
        try client.check(result, "ask for the ends of partitions")
        return answers.map(\.offset)
    }
}
