import CRDKafka

/// An owned `rd_kafka_topic_partition_list_t`.
///
/// Owner: this value alone, freed in `deinit`. librdkafka copies lists that it keeps, so the pointer is only lent, for the
/// length of a closure: a bare pointer taken out of a temporary would outlive its list.
@safe
struct PartitionList: ~Copyable {
    private let raw: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ partitions: some Collection<TopicPartition>) {
        // A negative or huge count cannot come from a Swift collection that fits in memory with this many strings.
        unsafe raw = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
        for partition in partitions {
            unsafe rd_kafka_topic_partition_list_add(raw, partition.topic, partition.partition)
        }
    }

    init(_ offsets: some Collection<PartitionOffset>) {
        unsafe raw = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for entry in offsets {
            let element = unsafe rd_kafka_topic_partition_list_add(
                raw, entry.partition.topic, entry.partition.partition)
            unsafe element!.pointee.offset = entry.offset
        }
    }

    init(topics: [String]) {
        self.init(topics.map { TopicPartition(topic: $0, partition: -1) })
    }

    deinit { unsafe rd_kafka_topic_partition_list_destroy(raw) }

    func lend<Result>(_ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Result) -> Result {
        unsafe body(raw)
    }

    var elements: [Element] { unsafe Self.elements(of: raw) }

    /// The first element that carries an error, as an error of `operation`.
    func firstError(_ operation: String) -> KafkaError? { Self.firstError(elements, operation) }

    struct Element {
        var partition: TopicPartition
        var offset: Int64
        var code: KafkaError.Code
    }

    static func firstError(_ elements: [Element], _ operation: String) -> KafkaError? {
        guard let bad = elements.first(where: { $0.code != .none }) else { return nil }
        return KafkaError(code: bad.code, operation: operation, partition: bad.partition, offset: bad.offset)
    }

    /// Copies out a list that librdkafka lends, for the length of the call.
    static func elements(of list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?) -> [Element] {
        guard let list = unsafe list else { return [] }
        return unsafe (0..<Int(list.pointee.cnt)).map { index in
            let element = unsafe list.pointee.elems[index]
            return unsafe Element(
                partition: TopicPartition(topic: String(cString: element.topic), partition: element.partition),
                offset: element.offset, code: KafkaError.Code(element.err))
        }
    }
}
