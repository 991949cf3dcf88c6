import CRDKafka

extension KafkaProducer {
    /// One try to queue a message. `rd_kafka_producev` is variadic, which Swift cannot call, so its array form is used.
    ///
    /// librdkafka copies key and value before it returns; it takes the header list over only when it succeeds.
    func enqueue(
        _ sequence: UInt64, _ topic: String, _ partition: Int32?, _ key: RawSpan?, _ value: RawSpan?,
        _ headers: [KafkaHeader], _ timestampMilliseconds: Int64
    ) -> KafkaError? {
        let list = unsafe headers.isEmpty ? nil : Self.list(headers)
        var keySpan = RawSpan()
        var valueSpan = RawSpan()
        var hasKey = false
        var hasValue = false
        if let key { (keySpan, hasKey) = (key, true) }
        if let value { (valueSpan, hasValue) = (value, true) }
        let failure: OpaquePointer? = unsafe topic.withCString { name in
            unsafe keySpan.withUnsafeBytes { keyBytes in
                unsafe valueSpan.withUnsafeBytes { valueBytes in
                    unsafe withUnsafeTemporaryAllocation(of: rd_kafka_vu_t.self, capacity: 8) { fields in
                        var count = 0
                        func add(_ type: rd_kafka_vtype_t, _ fill: (inout rd_kafka_vu_t) -> Void) {
                            var field = unsafe rd_kafka_vu_t()
                            unsafe field.vtype = type
                            unsafe fill(&field)
                            unsafe fields.initializeElement(at: count, to: field)
                            count += 1
                        }
                        unsafe add(RD_KAFKA_VTYPE_TOPIC) { unsafe $0.u.cstr = name }
                        unsafe add(RD_KAFKA_VTYPE_PARTITION) {
                            unsafe $0.u.i32 = partition ?? Int32(RD_KAFKA_PARTITION_UA)
                        }
                        unsafe add(RD_KAFKA_VTYPE_MSGFLAGS) { unsafe $0.u.i = RD_KAFKA_MSG_F_COPY }
                        unsafe add(RD_KAFKA_VTYPE_OPAQUE) {
                            unsafe $0.u.ptr = UnsafeMutableRawPointer(bitPattern: UInt(sequence))
                        }
                        unsafe add(RD_KAFKA_VTYPE_TIMESTAMP) { unsafe $0.u.i64 = timestampMilliseconds }
                        // Null is a tombstone (or no key), and empty is not: an empty buffer still needs an address.
                        if hasKey {
                            unsafe add(RD_KAFKA_VTYPE_KEY) {
                                unsafe $0.u.mem.ptr = Self.address(of: keyBytes, or: name)
                                unsafe $0.u.mem.size = keyBytes.count
                            }
                        }
                        if hasValue {
                            unsafe add(RD_KAFKA_VTYPE_VALUE) {
                                unsafe $0.u.mem.ptr = Self.address(of: valueBytes, or: name)
                                unsafe $0.u.mem.size = valueBytes.count
                            }
                        }
                        if let list = unsafe list {
                            unsafe add(RD_KAFKA_VTYPE_HEADERS) { unsafe $0.u.headers = list }
                        }
                        return unsafe rd_kafka_produceva(client.raw, fields.baseAddress, count)
                    }
                }
            }
        }
        guard let failure = unsafe failure else { return nil }
        if let list = unsafe list { unsafe rd_kafka_headers_destroy(list) }
        let target = partition.map { TopicPartition(topic: topic, partition: $0) }
        return unsafe KafkaError(consuming: failure, operation: "produce", partition: target)
    }

    /// librdkafka only reads from it, whatever the pointer's type says.
    private static func address(
        of bytes: UnsafeRawBufferPointer, or filler: UnsafePointer<CChar>
    ) -> UnsafeMutableRawPointer {
        unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress ?? UnsafeRawPointer(filler))
    }

    private static func list(_ headers: [KafkaHeader]) -> OpaquePointer? {
        let list = unsafe rd_kafka_headers_new(headers.count)
        for header in headers {
            // A null value has no bytes and no address; −1 as size makes librdkafka measure the name.
            if let value = header.value {
                unsafe value.withUnsafeBytes { bytes in
                    _ = unsafe header.name.withCString { name in
                        unsafe rd_kafka_header_add(
                            list, name, -1, address(of: bytes, or: name), bytes.count)
                    }
                }
            } else {
                unsafe rd_kafka_header_add(list, header.name, -1, nil, 0)
            }
        }
        return unsafe list
    }
}
