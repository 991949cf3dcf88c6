/// One decoded event, borrowed: its slots, and the bytes that they point into.
///
/// A view lives no longer than the batch and the message it reads, and the compiler holds it to that.
public struct EventView: ~Escapable {
    /// The bytes that the event was decoded from.
    public let message: RawSpan
    /// Bytes that unescaping wrote.
    public let arena: RawSpan
    public let slots: Span<FieldValue>
    public let time: Timestamp
    public let record: RecordPlace

    @_lifetime(copy message, copy arena, copy slots)
    @inlinable
    public init(
        message: RawSpan, arena: RawSpan, slots: Span<FieldValue>, time: Timestamp, record: RecordPlace
    ) {
        self.message = message
        self.arena = arena
        self.slots = slots
        self.time = time
        self.record = record
    }

    @inlinable
    public subscript(slot: Int) -> FieldValue { slots[slot] }

    /// The bytes of a value of text or JSON.
    ///
    /// A value whose place lies outside the message is a decoder's bug, and traps.
    @inlinable
    @_lifetime(copy self)
    public func bytes(of value: FieldValue) -> RawSpan {
        let end = value.offset &+ value.length
        return value.isInArena
            ? arena.extracting(value.offset..<end)
            : message.extracting(value.offset..<end)
    }

    /// The original bytes of the whole record.
    @inlinable
    public var recordBytes: RawSpan {
        @_lifetime(copy self)
        get { message.extracting(record.offset..<(record.offset &+ record.length)) }
    }
}

/// Where a record stands in the message that it came in.
@frozen
public struct RecordPlace: BitwiseCopyable, Sendable, Equatable {
    /// Zero-based index of the record within its source: the file, or the Kafka message.
    public var index: Int
    /// Byte offset within the payload handed to the consumer.
    public var offset: Int
    /// In bytes.
    public var length: Int

    @inlinable
    public init(index: Int, offset: Int, length: Int) {
        self.index = index
        self.offset = offset
        self.length = length
    }
}
