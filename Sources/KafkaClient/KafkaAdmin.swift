import CRDKafka
import Glibc

/// Looks at topics, and makes missing ones when asked. All calls block.
public final class KafkaAdmin: Sendable {
    private let client: ClientHandle

    public init(settings: KafkaSettings, observer: KafkaObserver = KafkaObserver()) throws(KafkaOptionError) {
        let configuration = RawConfiguration()
        try configuration.apply(settings, defaults: ["client.id": "tidewatch"], fixed: [:])
        client = try ClientHandle(
            RD_KAFKA_PRODUCER, configuration, context: unsafe ClientContext(observer: observer, failed: { _ in }))
        _ = client.markClosed()
    }

    public struct TopicDescription: Sendable, Equatable {
        public let name: String
        /// In order of partition.
        public let partitions: [PartitionDescription]
    }

    public struct PartitionDescription: Sendable, Equatable {
        public let partition: Int32
        /// Nil while there is no leader.
        public let leader: Int32?
    }

    /// The topics that exist, in order of name: those of `names`, or all when it is nil. A name that is not in the answer
    /// does not exist, and asking does not create it.
    public func describe(_ names: [String]? = nil, timeout: Duration) throws(KafkaError) -> [TopicDescription] {
        try client.describeTopics(names, timeout: timeout)
    }

    /// Creates those of `topics` that do not exist and leaves the others as they are.
    ///
    /// - Returns: the names that were created.
    /// - Throws: with the first topic that could not be created; the others may have been. `unsupportedFeature`, after
    ///   ``controllerPatience``, where the cluster has nobody who answers, as the embedded broker.
    public func createMissing(_ topics: [TopicSpecification], timeout: Duration) throws(KafkaError) -> [String] {
        let existing = Set(try describe(topics.map(\.name), timeout: timeout).map(\.name))
        let missing = topics.filter { !existing.contains($0.name) }
        if missing.isEmpty { return [] }
        var requests: [OpaquePointer?] = unsafe []
        defer { unsafe requests.forEach { unsafe rd_kafka_NewTopic_destroy($0) } }
        for topic in missing { unsafe requests.append(try topic.makeRequest()) }
        try awaitController(missing, timeout: timeout)
        guard let queue = unsafe rd_kafka_queue_new(client.raw) else { return [] }
        defer { unsafe rd_kafka_queue_destroy(queue) }
        let options = unsafe rd_kafka_AdminOptions_new(client.raw, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { unsafe rd_kafka_AdminOptions_destroy(options) }
        var reason = [CChar](repeating: 0, count: 512)
        unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout.milliseconds, &reason, reason.count)
        unsafe requests.withUnsafeMutableBufferPointer { buffer in
            unsafe rd_kafka_CreateTopics(client.raw, buffer.baseAddress, buffer.count, options, queue)
        }
        // A second more than librdkafka has, so that its own word on what it waited for comes through.
        guard let reply = unsafe rd_kafka_queue_poll(queue, (timeout + .seconds(1)).milliseconds) else {
            throw client.explained(
                KafkaError(code: .timedOut, message: "no answer within \(timeout)", operation: "create topics"))
        }
        defer { unsafe rd_kafka_event_destroy(reply) }
        let code = unsafe KafkaError.Code(rd_kafka_event_error(reply))
        if code != .none {
            let text = unsafe rd_kafka_event_error_string(reply).map { unsafe String(cString: $0) } ?? ""
            let names = missing.map(\.name).joined(separator: ", ")
            throw KafkaError(
                code: code, message: "\(text); where a broker answers no admin requests, create the topics by hand",
                operation: "create topics \(names)")
        }
        var created: [String] = []
        var count = 0
        let results = unsafe rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(reply), &count)
        for index in 0..<count {
            guard let result = unsafe results?[index] else { continue }
            let name = unsafe String(cString: rd_kafka_topic_result_name(result))
            let code = unsafe KafkaError.Code(rd_kafka_topic_result_error(result))
            switch code {
            case .none: created.append(name)
            case .topicAlreadyExists: continue  // Someone else was faster, which is as good.
            default:
                let text = unsafe rd_kafka_topic_result_error_string(result).map { unsafe String(cString: $0) }
                throw KafkaError(code: code, message: text, operation: "create topic \(name)")
            }
        }
        return created
    }
}

extension KafkaAdmin {
    /// How long a cluster may be without a controller before it is taken for one that answers no admin requests. An
    /// election takes well under a second.
    public static let controllerPatience: Duration = .seconds(3)

    /// librdkafka waits for a controller as long as the whole request may take; a cluster that names a broker which it
    /// does not have (librdkafka's mock) would so cost all of that time.
    private func awaitController(_ missing: [TopicSpecification], timeout: Duration) throws(KafkaError) {
        let clock = ContinuousClock()
        let deadline = clock.now + min(timeout, Self.controllerPatience)
        while true {
            let brokers = try client.brokers(timeout: timeout)
            let controller = unsafe rd_kafka_controllerid(client.raw, 0)
            if brokers.contains(controller) { return }
            if clock.now >= deadline { break }
            usleep(200_000)  // librdkafka has no event for "elected".
        }
        throw KafkaError(
            code: .unsupportedFeature,
            message: "the cluster names none of its brokers as the one that answers admin requests; create the topics "
                + "by hand, or name them when the embedded broker starts",
            operation: "create topics \(missing.map(\.name).joined(separator: ", "))")
    }
}
