import CRDKafka

/// Messages that a worker took from its queue, whose bytes stay in librdkafka's buffers until the batch goes away.
///
/// Within a partition offsets rise strictly, over all batches, until ``KafkaWorker/seek(_:timeout:)`` or a new
/// assignment. A batch belongs to one thread.
@safe
public struct MessageBatch: ~Copyable {
    /// The partitions that appear in this batch, in order of first appearance; `Message.source` is an index into it.
    public private(set) var sources: [TopicPartition] = []
    /// Ends of partitions and failures that came with the messages. An end represents all messages below its offset,
    /// and those are in this batch or were in an earlier one.
    public private(set) var events: [KafkaEvent] = []
    public private(set) var count = 0

    // Owner: this value alone. Each pointer in `messages[0..<count]` is owned too and destroyed once, in `deinit` or when
    // it is dropped. Exclusivity: only mutated before the worker hands the batch out. The client is held because
    // destroying a message touches it.
    private let messages: UnsafeMutablePointer<Entry>
    private let client: ClientHandle

    @safe
    private struct Entry {
        var message: UnsafeMutablePointer<rd_kafka_message_t>
        var source: Int
    }

    init(capacity: Int, client: ClientHandle) {
        unsafe messages = .allocate(capacity: max(1, capacity))
        self.client = client
    }

    deinit {
        for index in 0..<count { unsafe rd_kafka_message_destroy(messages[index].message) }
        unsafe messages.deallocate()
    }

    public var isEmpty: Bool { count == 0 && events.isEmpty }

    /// Takes ownership. The caller appends at most `capacity` times.
    mutating func append(_ message: UnsafeMutablePointer<rd_kafka_message_t>) {
        unsafe (messages + count).initialize(to: Entry(message: message, source: 0))
        count += 1
    }

    /// Keeps what the assignment still wants and sorts errors out into events.
    mutating func admit(_ assigned: inout AssignedPartitions) {
        var kept = 0
        // Messages come in runs of a partition, so a look-up is for a run, not for a message.
        var last: (topic: UInt, partition: Int32, slot: Int?, source: Int) = (0, -1, nil, -1)
        var sourceOfSlot: [Int: Int] = [:]
        for index in 0..<count {
            let message = unsafe messages[index].message
            let topic = UInt(bitPattern: unsafe message.pointee.rkt)
            let partition = unsafe message.pointee.partition
            if index == 0 || topic != last.topic || partition != last.partition {
                let slot = unsafe assigned.slot(topic: message.pointee.rkt, partition: partition)
                last = (topic, partition, slot, slot.flatMap { sourceOfSlot[$0] } ?? -1)
            }
            guard let slot = last.slot, let offset = unsafe admitted(message, slot, &assigned) else {
                unsafe rd_kafka_message_destroy(message)
                continue
            }
            if last.source < 0 {
                last.source = sources.count
                sources.append(assigned.partition(slot))
                sourceOfSlot[slot] = last.source
            }
            assigned.advance(slot, past: offset)
            unsafe messages[kept] = Entry(message: message, source: last.source)
            kept += 1
        }
        count = kept
    }

    /// The message's offset, or nil when it is no message of ours to hand out.
    private mutating func admitted(
        _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ slot: Int, _ assigned: inout AssignedPartitions
    ) -> Int64? {
        let code = unsafe KafkaError.Code(message.pointee.err)
        let offset = unsafe message.pointee.offset
        if code == .none { return assigned.accepts(slot, offset: offset) ? offset : nil }
        let partition = assigned.partition(slot)
        if code == .partitionEnd {
            events.append(.partitionEnd(PartitionOffset(partition, offset: offset)))
            return nil
        }
        let text = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
        let error = KafkaError(
            code: code, message: text, operation: "fetch", partition: partition, offset: offset < 0 ? nil : offset)
        events.append(code == .offsetReset ? .positionLost(partition, error) : .failure(error))
        return nil
    }

    /// The message at `index`, which must be in `0..<count`.
    public subscript(index: Int) -> Message {
        @_lifetime(borrow self)
        get {
            precondition(index >= 0 && index < count, "the batch has no message at this index")
            let entry = unsafe messages[index]
            let message = unsafe Message(entry.message, source: entry.source)
            return unsafe _overrideLifetime(message, borrowing: self)
        }
    }
}

/// A message in a batch: its bytes are librdkafka's and are valid as long as the batch is.
@safe
public struct Message: ~Escapable {
    /// Index into the batch's `sources`.
    public let source: Int
    public let offset: Int64
    // Owner of all three: the batch, whose borrow this value depends on.
    @usableFromInline let valueStart: UnsafeRawPointer?
    @usableFromInline let valueCount: Int
    @usableFromInline let keyStart: UnsafeRawPointer?
    @usableFromInline let keyCount: Int
    private let raw: UnsafeMutablePointer<rd_kafka_message_t>

    @_lifetime(immortal)
    init(_ message: UnsafeMutablePointer<rd_kafka_message_t>, source: Int) {
        self.source = source
        unsafe self.offset = message.pointee.offset
        unsafe self.valueStart = UnsafeRawPointer(message.pointee.payload)
        unsafe self.valueCount = valueStart == nil ? 0 : message.pointee.len
        unsafe self.keyStart = UnsafeRawPointer(message.pointee.key)
        unsafe self.keyCount = keyStart == nil ? 0 : message.pointee.key_len
        unsafe self.raw = message
    }

    /// The message's bytes; empty for a tombstone.
    @inlinable
    public var value: RawSpan {
        @_lifetime(copy self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: valueStart, count: valueCount)
            let span = unsafe bytes.bytes
            return unsafe _overrideLifetime(span, copying: self)
        }
    }
    /// The key's bytes; empty when there is no key.
    @inlinable
    public var key: RawSpan {
        @_lifetime(copy self)
        get {
            let bytes = unsafe UnsafeRawBufferPointer(start: keyStart, count: keyCount)
            let span = unsafe bytes.bytes
            return unsafe _overrideLifetime(span, copying: self)
        }
    }
    @inlinable
    public var hasKey: Bool { unsafe keyStart != nil }

    /// When the record was written, or nil when the broker keeps no times.
    public var timestamp: MessageTimestamp? {
        var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
        let milliseconds = unsafe rd_kafka_message_timestamp(raw, &type)
        if type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE || milliseconds < 0 { return nil }
        return MessageTimestamp(milliseconds: milliseconds)
    }

    /// The headers, copied: they are parsed when first asked for, so a message whose headers nobody reads costs nothing.
    public var headers: [KafkaHeader] {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(raw, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else {
            return []
        }
        return unsafe (0..<rd_kafka_header_cnt(list)).compactMap { index in
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            let result = unsafe rd_kafka_header_get_all(list, index, &name, &value, &size)
            guard result == RD_KAFKA_RESP_ERR_NO_ERROR, let name = unsafe name else { return nil }
            let bytes = unsafe value.map { unsafe Array(UnsafeRawBufferPointer(start: $0, count: size)) }
            return KafkaHeader(name: unsafe String(cString: name), value: bytes)
        }
    }

    /// The value of the last header of this name, without a copy of the others; nil where there is none, or it is null.
    public func lastHeader(_ name: String) -> [UInt8]? {
        var list: OpaquePointer?
        guard unsafe rd_kafka_message_headers(raw, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list else {
            return nil
        }
        var value: UnsafeRawPointer?
        var size = 0
        guard unsafe rd_kafka_header_get_last(list, name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR else {
            return nil
        }
        return unsafe value.map { unsafe Array(UnsafeRawBufferPointer(start: $0, count: size)) }
    }
}

/// The time that a record carries.
public struct MessageTimestamp: Hashable, Sendable {
    /// Since 1970-01-01T00:00:00Z, zero or more.
    public let milliseconds: Int64

    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
}

/// A header of a record. Names may repeat.
public struct KafkaHeader: Hashable, Sendable {
    public let name: String
    /// Nil is Kafka's null, which is not the same as no bytes.
    public let value: [UInt8]?

    public init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    public init(_ name: String, _ value: String) {
        self.init(name: name, value: Array(value.utf8))
    }
}

/// What comes besides messages.
public enum KafkaEvent: Sendable {
    /// A partition was read to its end: all messages below this offset were handed out. Said again after each new end.
    case partitionEnd(PartitionOffset)
    /// The position is outside of what the broker has (retention took it, or the topic was made anew), or none is known.
    /// Nothing of the partition comes until ``KafkaConsumer/restart(_:timeout:)``: to skip in silence would lose count.
    case positionLost(TopicPartition, KafkaError)
    /// Something failed; librdkafka goes on retrying unless the error is fatal.
    case failure(KafkaError)
}
