import CRDKafka
import Glibc

extension KafkaConsumer {
    /// The generation of the group that this consumer is a member of: it grows with every rebalance, and so orders those
    /// who had a partition one after the other. Nil while the consumer is no member.
    ///
    /// May be called from any thread, the delegate's calls included: in `assigned` it is the new generation already.
    ///
    /// - Throws: when librdkafka's text for it has another form than the one that is read here.
    public var groupGeneration: Int32? {
        get throws(KafkaError) {
            guard let metadata = unsafe rd_kafka_consumer_group_metadata(client.raw) else { return nil }
            defer { unsafe rd_kafka_consumer_group_metadata_destroy(metadata) }
            let bytes = try unsafe GroupMetadata.bytes(of: metadata)
            guard let parsed = GroupMetadata(bytes), try parsed.rebuilt() == bytes else {
                throw KafkaError(
                    code: .unsupportedFeature,
                    message: "this version of librdkafka writes a group's membership in an unknown form",
                    operation: "read the group's generation")
            }
            return parsed.generation >= 0 ? parsed.generation : nil
        }
    }
}

/// A member's place in its group, as librdkafka writes it for transactions.
///
/// librdkafka has no call for the generation alone, and its serialised form is not documented. So what is read here is
/// written again by librdkafka itself, and only counts when the bytes are equal.
struct GroupMetadata: Equatable {
    var group: String
    /// Below zero while the consumer is no member.
    var generation: Int32
    var member: String
    var instance: String?

    /// `CGMDv2:`, the generation in the machine's byte order, group and member each with a zero byte at its end, one byte
    /// that is 1 where there is no instance, else the instance with a zero byte.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        let magic = Array("CGMDv2:".utf8)
        guard rest.starts(with: magic), rest.count >= magic.count + 4 else { return nil }
        rest = rest.dropFirst(magic.count)
        // The machines that this runs on are little-endian; on another one the comparison with librdkafka's bytes fails.
        generation = Int32(bitPattern: rest.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        rest = rest.dropFirst(4)
        guard let group = Self.text(&rest), let member = Self.text(&rest), let absent = rest.popFirst() else {
            return nil
        }
        self.group = group
        self.member = member
        if absent == 0 {
            guard let instance = Self.text(&rest) else { return nil }
            self.instance = instance
        }
        if !rest.isEmpty { return nil }
    }

    private static func text(_ bytes: inout ArraySlice<UInt8>) -> String? {
        guard let end = bytes.firstIndex(of: 0) else { return nil }
        defer { bytes = bytes[(end + 1)...] }
        return String(validating: bytes[..<end], as: UTF8.self)
    }

    /// The bytes that librdkafka writes for these values.
    func rebuilt() throws(KafkaError) -> [UInt8] {
        let metadata = unsafe rd_kafka_consumer_group_metadata_new_with_genid(group, generation, member, instance)
        guard let metadata = unsafe metadata else { return [] }
        defer { unsafe rd_kafka_consumer_group_metadata_destroy(metadata) }
        return try unsafe Self.bytes(of: metadata)
    }

    static func bytes(of metadata: OpaquePointer) throws(KafkaError) -> [UInt8] {
        var buffer: UnsafeMutableRawPointer?
        var size = 0
        if let error = unsafe rd_kafka_consumer_group_metadata_write(metadata, &buffer, &size) {
            throw unsafe KafkaError(consuming: error, operation: "read the group's generation")
        }
        // librdkafka gives the buffer away, allocated by `malloc`.
        defer { unsafe free(buffer) }
        return unsafe Array(UnsafeRawBufferPointer(start: buffer, count: size))
    }
}
