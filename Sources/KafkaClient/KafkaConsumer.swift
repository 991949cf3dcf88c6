import CRDKafka

/// A member of a consumer group with manual offsets, whose partitions are spread over worker queues.
///
/// One thread, the coordinator, calls ``poll(timeout:)`` at least every `max.poll.interval.ms` (5 minutes): rebalances,
/// statistics and errors come there. Each worker has a thread of its own. All calls block: none of them may be made
/// from the cooperative pool.
///
/// librdkafka 2.0.2 takes a poll of any queue as a sign of life, so it will not notice that a single worker is stuck:
/// watch the workers' progress.
public final class KafkaConsumer: Sendable {
    public struct Options: Sendable {
        public var group: String
        /// How many worker queues.
        public var workers: Int
        /// Where a partition starts that the group never committed: `.beginning` or `.end`.
        public var whenNothingCommitted: StartPosition

        public init(group: String, workers: Int = 1, whenNothingCommitted: StartPosition = .beginning) {
            precondition(workers > 0, "a consumer has at least one worker")
            precondition(
                whenNothingCommitted == .beginning || whenNothingCommitted == .end,
                "where nothing is committed, reading starts at the beginning or the end")
            self.group = group
            self.workers = workers
            self.whenNothingCommitted = whenNothingCommitted
        }
    }

    /// Defaults that differ from librdkafka's; settings override them.
    ///
    /// When a prefetch queue is full, librdkafka 2.0.2 looks again only after up to a second. So the queue holds well
    /// above a second of work: 128 MiB, or 400,000 messages (some 0.15 GB of book-keeping at the most), for each worker.
    public static let defaultOptions: [String: String] = [
        "queued.max.messages.kbytes": "131072",
        "queued.min.messages": "400000",
        "fetch.wait.max.ms": "100",
        "topic.metadata.refresh.interval.ms": "60000",
        "client.id": "tidewatch",
    ]

    let client: ClientHandle
    let handler: RebalanceHandler
    public let workers: [KafkaWorker]

    /// - Throws: when an option is unknown, invalid, reserved or does not fit the others. Nothing is connected yet.
    public init(
        settings: KafkaSettings, options: Options, delegate: any KafkaConsumerDelegate,
        observer: KafkaObserver = KafkaObserver()
    ) throws(KafkaOptionError) {
        let configuration = RawConfiguration()
        try configuration.apply(
            settings, defaults: Self.defaultOptions,
            fixed: [
                "group.id": options.group,
                "enable.auto.commit": "false",
                "enable.auto.offset.store": "false",
                "auto.offset.reset": "error",
                "partition.assignment.strategy": "cooperative-sticky",
                "enable.partition.eof": "true",
            ])
        let handler = RebalanceHandler(delegate: delegate, whenNothingCommitted: options.whenNothingCommitted)
        // Weak, because the handler holds the workers, and they hold the client, which holds this context.
        let context = unsafe ClientContext(
            observer: observer,
            failed: { [weak handler] in handler?.report(.failure($0)) },
            rebalanced: { [weak handler] client, code, list in
                if let handler {
                    unsafe handler.rebalanced(client, code, list)
                } else {
                    unsafe rd_kafka_assign(client, nil)
                }
            })
        let client = try ClientHandle(RD_KAFKA_CONSUMER, configuration, context: context)
        // Everything but the workers' queues is served by `poll`: rebalances, statistics, errors, commits.
        unsafe rd_kafka_poll_set_consumer(client.raw)
        self.client = client
        self.handler = handler
        self.workers = (0..<options.workers).map { KafkaWorker(index: $0, client: client) }
        handler.install(workers)
    }

    public func worker(_ index: Int) -> KafkaWorker { workers[index] }

    /// The partitions that are assigned now, in order.
    public var assignment: [TopicPartition] { handler.assignment }

    /// Whether the group has said what this member gets, be it nothing: a member that has joined knows its generation before that.
    /// False again once what it had is another member's.
    public var isTakenIn: Bool { handler.isTakenIn }

    /// Joins the group for these topics. A topic that does not exist is an event, and is read once it does.
    public func subscribe(to topics: [String]) throws(KafkaError) {
        let list = PartitionList(topics: topics)
        client.mayAbortOnDestroy = true
        try KafkaError.check(unsafe list.lend { unsafe rd_kafka_subscribe(client.raw, $0) }, "subscribe")
    }

    /// Leaves the group until the next subscription; what is assigned is given back inside ``poll(timeout:)``, as in a rebalance.
    public func unsubscribe() throws(KafkaError) {
        try KafkaError.check(unsafe rd_kafka_unsubscribe(client.raw), "unsubscribe")
    }

    /// Serves the group for up to `timeout` and says what happened. The delegate is called from here.
    public func poll(timeout: Duration) -> [KafkaEvent] {
        var wait = timeout.milliseconds
        while let message = unsafe rd_kafka_consumer_poll(client.raw, wait) {
            handler.report(.failure(unsafe Self.unexpected(message)))
            unsafe rd_kafka_message_destroy(message)
            wait = 0
        }
        return handler.takeEvents()
    }

    /// What came on the consumer's own queue: errors about topics and the group. A message there would mean that a
    /// partition was not forwarded, which would lose it; that is said as fatal, so that nobody commits past it.
    private static func unexpected(_ message: UnsafeMutablePointer<rd_kafka_message_t>) -> KafkaError {
        let code = unsafe KafkaError.Code(message.pointee.err)
        let topic = unsafe message.pointee.rkt.flatMap { unsafe rd_kafka_topic_name($0) }
        let partition = unsafe topic.map {
            unsafe TopicPartition(topic: String(cString: $0), partition: message.pointee.partition)
        }
        if code == .none {
            return KafkaError(
                code: .fail, message: "a message came outside of any worker's queue", isFatal: true,
                operation: "fetch", partition: partition, offset: unsafe message.pointee.offset)
        }
        let text = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
        return KafkaError(code: code, message: text, operation: "poll", partition: partition)
    }

    /// Leaves the group: the delegate drains and commits what is still assigned, on this thread. Later calls do nothing.
    ///
    /// Before the first assignment the handle of librdkafka 2.0.2 cannot be destroyed without a chance of an abort; then
    /// the group is left as always, but the handle stays until the process ends.
    public func close() throws(KafkaError) {
        guard client.markClosed() else { return }
        try KafkaError.check(unsafe rd_kafka_consumer_close(client.raw), "close")
    }
}
