import CRDKafka

/// A topic as it is to be created.
public struct TopicSpecification: Sendable, Equatable {
    public var name: String
    public var partitions: Int
    /// Nil leaves it to the broker.
    public var replicationFactor: Int?
    /// Topic-level configuration, such as `cleanup.policy`.
    public var configuration: [String: String]

    public init(name: String, partitions: Int, replicationFactor: Int? = nil, configuration: [String: String] = [:]) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }

    /// librdkafka's form of it; the caller destroys it.
    func makeRequest() throws(KafkaError) -> OpaquePointer {
        // librdkafka would send what the broker then refuses; the rule for names is Kafka's own.
        let isLegal = name.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isLegal, (1...249).contains(name.utf8.count), name != ".", name != ".." else {
            throw KafkaError(
                code: .invalidArgument, message: "a topic's name has 1 to 249 of a-z A-Z 0-9 . _ -",
                operation: "create topic \(name)")
        }
        guard (1...Int(Int32.max)).contains(partitions) else {
            throw KafkaError(
                code: .invalidArgument, message: "a topic cannot have \(partitions) partitions",
                operation: "create topic \(name)")
        }
        var reason = [CChar](repeating: 0, count: 512)
        let request = unsafe rd_kafka_NewTopic_new(
            name, Int32(partitions), Int32(clamping: replicationFactor ?? -1), &reason, reason.count)
        guard let request = unsafe request else {
            throw KafkaError(
                code: .invalidArgument, message: RawConfiguration.text(reason), operation: "create topic \(name)")
        }
        for (option, value) in configuration.sorted(by: { $0.key < $1.key }) {
            let result = unsafe rd_kafka_NewTopic_set_config(request, option, value)
            if result != RD_KAFKA_RESP_ERR_NO_ERROR {
                unsafe rd_kafka_NewTopic_destroy(request)
                throw KafkaError(
                    code: KafkaError.Code(result), operation: "create topic \(name) with \(option)=\(value)")
            }
        }
        return unsafe request
    }
}
