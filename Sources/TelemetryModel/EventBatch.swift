/// Decoded events of one kind, as rows of slots: what a decoder fills and every later stage reads.
///
/// The batch is reused for its whole life: `removeAll` keeps the memory, so a steady stream allocates nothing.
/// Rows hold places in the message, so a batch means nothing without the payload that it was decoded from.
///
/// Memory: `capacity × width × 16` bytes of slots; 256 rows of eight slots fill a level-1 cache.
@safe
public struct EventBatch: ~Copyable {
    public static let defaultCapacity = 256

    public let projection: Projection
    public let width: Int
    public let capacity: Int
    /// Rows committed and readable.
    @inlinable public var count: Int { committed }
    @usableFromInline var committed = 0

    // Owner: this value alone, freed in `deinit`. Exclusivity: written only through `mutating` methods, read only
    // through borrows. Lifetime: no pointer leaves; views depend on `self`.
    @usableFromInline let slots: UnsafeMutableBufferPointer<FieldValue>
    @usableFromInline let heads: UnsafeMutableBufferPointer<RowHead>
    @usableFromInline var arena: [UInt8] = []
    @usableFromInline var arenaMark = 0
    @usableFromInline var earliestNanoseconds = Int64.max
    @usableFromInline var latestNanoseconds = Int64.min

    @usableFromInline
    struct RowHead: BitwiseCopyable {
        @usableFromInline var time: Timestamp
        @usableFromInline var place: RecordPlace

        @inlinable
        init(time: Timestamp, place: RecordPlace) {
            self.time = time
            self.place = place
        }
    }

    public init(projection: Projection, capacity: Int = EventBatch.defaultCapacity) {
        precondition(capacity > 0, "a batch holds at least one row")
        self.projection = projection
        self.width = projection.width
        self.capacity = capacity
        unsafe slots = .allocate(capacity: max(1, capacity * projection.width))
        unsafe slots.initialize(repeating: .absent)
        unsafe heads = .allocate(capacity: capacity)
        unsafe heads.initialize(
            repeating: RowHead(time: Timestamp(nanoseconds: 0), place: RecordPlace(index: 0, offset: 0, length: 0)))
    }

    deinit {
        unsafe slots.deallocate()
        unsafe heads.deallocate()
    }

    @inlinable
    public var isEmpty: Bool { count == 0 }
    @inlinable
    public var isFull: Bool { count == capacity }

    // MARK: Writing, by a decoder

    /// Clears the slots of the next row. The batch must not be full.
    @inlinable
    public mutating func beginRow() {
        precondition(count < capacity, "the batch is full")
        let base = count &* width
        for slot in 0..<width { unsafe slots[base &+ slot] = .absent }
        arenaMark = arena.count
    }

    /// Sets a slot of the row begun.
    @inlinable @inline(__always)
    public mutating func set(_ slot: Int, _ value: FieldValue) {
        precondition(slot >= 0 && slot < width && count < capacity, "a slot outside the row")
        unsafe slots[count &* width &+ slot] = value
    }

    /// A slot of the row begun, as set so far.
    @inlinable
    public func pending(_ slot: Int) -> FieldValue {
        precondition(slot >= 0 && slot < width && count < capacity, "a slot outside the row")
        return unsafe slots[count &* width &+ slot]
    }

    /// Makes the row begun readable.
    @inlinable
    public mutating func commitRow(time: Timestamp, place: RecordPlace) {
        precondition(count < capacity, "the batch is full")
        unsafe heads[count] = RowHead(time: time, place: place)
        committed &+= 1
        earliestNanoseconds = min(earliestNanoseconds, time.nanoseconds)
        latestNanoseconds = max(latestNanoseconds, time.nanoseconds)
    }

    /// Forgets the row begun, and what it put into the arena.
    @inlinable
    public mutating func abandonRow() {
        arena.removeLast(arena.count - arenaMark)
    }

    /// Bytes in the arena so far: the offset of what is appended next.
    @inlinable
    public var arenaCount: Int { arena.count }

    @inlinable
    public mutating func appendToArena(_ byte: UInt8) {
        arena.append(byte)
    }

    @inlinable
    public mutating func appendToArena(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe arena.append(contentsOf: $0) }
    }

    /// Forgets all rows, keeping the memory.
    @inlinable
    public mutating func removeAll() {
        committed = 0
        arena.removeAll(keepingCapacity: true)
        arenaMark = 0
        earliestNanoseconds = .max
        latestNanoseconds = .min
    }

    // MARK: Reading

    /// The earliest event time among the rows; `nil` when there is none.
    @inlinable public var earliest: Timestamp? {
        isEmpty ? nil : Timestamp(nanoseconds: earliestNanoseconds)
    }

    /// The latest event time among the rows; `nil` when there is none.
    @inlinable public var latest: Timestamp? {
        isEmpty ? nil : Timestamp(nanoseconds: latestNanoseconds)
    }

    /// A copy of the rows whose event time `keep` accepts, over the same payload. Allocates; for the rare batch that
    /// holds an event too late or too early to count.
    public borrowing func copy(where keep: (Timestamp) -> Bool) -> EventBatch {
        copy(rows: { row in keep(unsafe heads[row].time) })
    }

    /// A copy of the rows whose number `keep` accepts. Allocates.
    public borrowing func copy(rows keep: (Int) -> Bool) -> EventBatch {
        var copy = EventBatch(projection: projection, capacity: capacity)
        copy.arena = arena
        for row in 0..<committed where keep(row) {
            let head = unsafe heads[row]
            copy.beginRow()
            for slot in 0..<width { copy.set(slot, unsafe slots[row &* width &+ slot]) }
            copy.commitRow(time: head.time, place: head.place)
        }
        return copy
    }

    /// Adds the rows of another batch of the same projection, for which there must be room.
    ///
    /// - Parameters:
    ///   - offset: where the other's payload begins in the one that this batch is read with.
    ///   - first: what the indices of their records count from.
    public mutating func append(_ other: borrowing EventBatch, at offset: Int, indicesFrom first: Int) {
        precondition(other.width == width && count &+ other.count <= capacity, "rows that do not fit")
        let arenaStart = arena.count
        arena.append(contentsOf: other.arena)
        for row in 0..<other.committed {
            let (from, to) = (row &* width, committed &* width)
            for slot in 0..<width {
                unsafe slots[to &+ slot] = other.slots[from &+ slot].moved(by: offset, inArena: arenaStart)
            }
            let head = unsafe other.heads[row]
            let place = RecordPlace(
                index: first &+ head.place.index, offset: offset &+ head.place.offset, length: head.place.length)
            commitRow(time: head.time, place: place)
        }
    }

    @inlinable
    public func time(_ row: Int) -> Timestamp {
        precondition(row >= 0 && row < count, "a row outside the batch")
        return unsafe heads[row].time
    }

    /// A slot of a row, for what looks at one field of many rows.
    @inlinable @inline(__always)
    public func value(_ row: Int, _ slot: Int) -> FieldValue {
        precondition(row >= 0 && row < count && slot >= 0 && slot < width, "a slot outside the batch")
        return unsafe slots[row &* width &+ slot]
    }

    /// The bytes of a value of text or JSON, as `EventView.bytes(of:)` has them.
    @inlinable @inline(__always)
    @_lifetime(borrow self, copy payload)
    public borrowing func bytes(of value: FieldValue, in payload: RawSpan) -> RawSpan {
        let end = value.offset &+ value.length
        if value.isInArena { return unsafe arena.span.bytes.extracting(value.offset..<end) }
        return payload.extracting(value.offset..<end)
    }

    /// A row, with the payload that the batch was decoded from.
    @inlinable
    @_lifetime(borrow self, copy payload)
    public borrowing func row(_ row: Int, of payload: RawSpan) -> EventView {
        precondition(row >= 0 && row < count, "a row outside the batch")
        let part = unsafe UnsafeBufferPointer(rebasing: slots[row &* width..<(row &+ 1) &* width])
        let span = unsafe _overrideLifetime(Span(_unsafeElements: part), borrowing: self)
        let head = unsafe heads[row]
        let written = unsafe arena.span.bytes
        return EventView(
            message: payload, arena: written, slots: span, time: head.time, record: head.place)
    }
}
