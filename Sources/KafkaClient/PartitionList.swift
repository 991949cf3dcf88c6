import CRDKafka
import Glibc

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

    init(_ commits: some Collection<OffsetAndMetadata>) {
        self.init(commits.map(\.position))
        for (index, commit) in commits.enumerated() where !commit.metadata.isEmpty {
            var text = commit.metadata
            text.withUTF8 { bytes in
                // `rd_kafka_topic_partition_list_destroy` frees it, so it must come from `malloc`.
                guard let copy = unsafe malloc(bytes.count), let source = bytes.baseAddress else { return }
                unsafe memcpy(copy, source, bytes.count)
                unsafe raw.pointee.elems[index].metadata = copy
                unsafe raw.pointee.elems[index].metadata_size = bytes.count
            }
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
        var metadata: String
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
                offset: element.offset, code: KafkaError.Code(element.err),
                metadata: text(element.metadata, element.metadata_size))
        }
    }

    /// A text that came with an offset. librdkafka 2.0.2 copies it up to the first zero byte and yet keeps its whole length,
    /// so only what lies before that byte may be read.
    private static func text(_ bytes: UnsafeMutableRawPointer?, _ size: Int) -> String {
        guard let bytes = unsafe bytes else { return "" }
        let length = unsafe strnlen(bytes.assumingMemoryBound(to: CChar.self), size)
        return unsafe String(decoding: UnsafeRawBufferPointer(start: bytes, count: length), as: UTF8.self)
    }
}
