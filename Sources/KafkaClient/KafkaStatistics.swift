import FoundationEssentials

/// What librdkafka says of itself every `statistics.interval.ms`, as far as metrics need it.
public struct KafkaStatistics: Sendable, Equatable {
    /// Messages and bytes in the producer's queues, waiting or in flight.
    public var queuedMessages: Int
    public var queuedBytes: Int
    /// Callbacks and events that wait to be polled.
    public var pendingEvents: Int
    public var messagesSent: Int
    public var messagesReceived: Int
    public var bytesSent: Int
    public var bytesReceived: Int
    /// Of the consumer group; nil for a producer.
    public var rebalances: Int?
    /// When they were taken: seconds since 1970, by this machine's clock.
    public var takenAtSeconds: Int64
    public var brokers: [Broker]
    /// In order of topic and partition; partitions that librdkafka only knows of internally (below zero) are left out.
    public var partitions: [Partition]

    public struct Broker: Sendable, Equatable {
        public var name: String
        /// `host:port`; nil for what is no broker's address.
        public var address: String? { ConnectionFault.address(name) }
        public var state: String
        /// Requests that were sent and wait for their answers.
        public var waitingRequests = 0
        /// Of answers, since the client was made.
        public var bytesReceived = 0
        /// Since something was received; nil before that.
        public var silence: Duration?
    }

    public struct Partition: Sendable, Equatable {
        public var partition: TopicPartition
        public var highWatermark: Int64?
        public var lag: Int64?
        /// Whether this client reads it: what it read once stays in its statistics.
        public var isFetched: Bool
    }
}

extension KafkaStatistics {
    /// Nil when the text is not what librdkafka documents: statistics are never a reason to fail.
    init?(json: [UInt8]) {
        guard let document = try? JSONDecoder().decode(Document.self, from: Data(json)) else { return nil }
        queuedMessages = document.msg_cnt ?? 0
        queuedBytes = document.msg_size ?? 0
        pendingEvents = document.replyq ?? 0
        messagesSent = document.txmsgs ?? 0
        messagesReceived = document.rxmsgs ?? 0
        bytesSent = document.tx_bytes ?? 0
        bytesReceived = document.rx_bytes ?? 0
        takenAtSeconds = document.time ?? 0
        rebalances = document.cgrp?.rebalance_cnt
        brokers = (document.brokers ?? [:]).values.sorted { $0.name < $1.name }.map {
            Broker(
                name: $0.name, state: $0.state ?? "", waitingRequests: $0.waitresp_cnt ?? 0,
                bytesReceived: $0.rxbytes ?? 0,
                silence: $0.rxidle.flatMap { $0 < 0 ? nil : .microseconds($0) })
        }
        // librdkafka writes −1001 for an offset that it does not know, and −1 for a lag.
        func known(_ value: Int64?) -> Int64? { value.flatMap { $0 < 0 ? nil : $0 } }
        partitions = (document.topics ?? [:]).values.flatMap { topic in
            topic.partitions.values.filter { $0.partition >= 0 }.map {
                Partition(
                    partition: TopicPartition(topic: topic.topic, partition: $0.partition),
                    highWatermark: known($0.hi_offset), lag: known($0.consumer_lag),
                    isFetched: ![nil, "none", "stopping", "stopped"].contains($0.fetch_state))
            }
        }.sorted { $0.partition < $1.partition }
    }

    // Names are librdkafka's, so that no mapping is between its manual and this file.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct Document: Decodable {
        var time: Int64?
        var msg_cnt: Int?, msg_size: Int?, replyq: Int?, txmsgs: Int?, rxmsgs: Int?, tx_bytes: Int?, rx_bytes: Int?
        var brokers: [String: BrokerNode]?, topics: [String: TopicNode]?, cgrp: GroupNode?
    }
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct BrokerNode: Decodable {
        var name: String, state: String?, waitresp_cnt: Int?, rxbytes: Int?, rxidle: Int64?
    }
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct TopicNode: Decodable { var topic: String, partitions: [String: PartitionNode] }
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct PartitionNode: Decodable {
        var partition: Int32, hi_offset: Int64?, consumer_lag: Int64?, fetch_state: String?
    }
    // swift-format-ignore: AlwaysUseLowerCamelCase
    private struct GroupNode: Decodable { var rebalance_cnt: Int? }
}
