import Synchronization

/// A bounded queue from one thread to another.
///
/// ## Assumptions
/// - One producer and one consumer: each end is noncopyable and given out once. An end may move between threads if the
///   hand-over itself synchronises.
///
/// ## Guarantees
/// - Elements come out once each, in the order in which they went in. What was pushed before `close` comes out before
///   the end is seen. What is left in the ring when both ends are gone is destroyed.
///
/// ## Progress
/// - Wait-free on both ends: a push into a full ring and a pop from an empty one say so and return. Whoever wants to wait
///   parks on a `Doorbell`; nothing here spins.
///
/// ## Who calls what
/// - The producer's thread: `RingProducer`. The consumer's thread: `RingConsumer`.
///
/// ## How it works
/// `head` counts elements taken and `tail` elements put, both growing for ever (2⁶³ pushes do not happen); a slot is the
/// count modulo the capacity. Each end keeps the other's count as last seen and looks again only when that says full or
/// empty, so the two cache lines travel once a batch and not once an element.
/// - The producer's releasing store of `tail` pairs with the consumer's acquiring load: an element is there in full.
/// - The consumer's releasing store of `head` pairs with the producer's acquiring load: a slot was emptied before it is
///   filled again.
public enum SPSCRing {
    /// The two ends of a ring that holds `capacity` elements, a power of two.
    public static func make<Element: Sendable>(
        of type: Element.Type = Element.self, capacity: Int
    ) -> RingEnds<Element> {
        let storage = RingStorage<Element>(capacity: capacity)
        return RingEnds(producer: RingProducer(storage), consumer: RingConsumer(storage))
    }
}

/// Both ends of a ring, to be taken apart once.
public struct RingEnds<Element: Sendable>: ~Copyable {
    public var producer: RingProducer<Element>
    public var consumer: RingConsumer<Element>

    init(producer: consuming RingProducer<Element>, consumer: consuming RingConsumer<Element>) {
        self.producer = producer
        self.consumer = consumer
    }

    /// Gives each end to `body`, which moves them where they belong.
    public consuming func take<Result>(
        _ body: (consuming RingProducer<Element>, consuming RingConsumer<Element>) throws -> Result
    ) rethrows -> Result {
        try body(producer, consumer)
    }
}

/// `@unchecked Sendable`, proof: slots from `head` up to `tail` are read by the consumer alone and the others written by
/// the producer alone; the counts that part them are atomics, ordered as `SPSCRing` states.
@safe
final class RingStorage<Element: Sendable>: @unchecked Sendable {
    let capacity: Int
    let slots: UnsafeMutablePointer<Element>
    let head = Atomic<Int>(0)
    // 128 bytes between what the two ends write: two cache lines, since prefetchers fetch lines in pairs.
    private let padding: InlineArray<16, Int> = .init(repeating: 0)
    let tail = Atomic<Int>(0)
    private let padding2: InlineArray<16, Int> = .init(repeating: 0)
    let isClosed = Atomic<Bool>(false)

    init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a ring's capacity is a power of two")
        self.capacity = capacity
        unsafe slots = .allocate(capacity: capacity)
    }

    deinit {
        // Both ends are gone; the last release of the reference ordered their work before this.
        for count in head.load(ordering: .relaxed)..<tail.load(ordering: .relaxed) {
            unsafe (slots + count & (capacity - 1)).deinitialize(count: 1)
        }
        unsafe slots.deallocate()
    }

    @unsafe @inline(__always)
    func slot(_ count: Int) -> UnsafeMutablePointer<Element> { unsafe slots + (count & (capacity &- 1)) }
}

/// The end that puts elements in. One thread.
public struct RingProducer<Element: Sendable>: ~Copyable, Sendable {
    private let storage: RingStorage<Element>
    private var tail = 0
    private var headSeen = 0

    init(_ storage: RingStorage<Element>) {
        self.storage = storage
    }

    /// Elements that fit now.
    public mutating func room() -> Int {
        // Pairs with the consumer's releasing store of `head`.
        headSeen = storage.head.load(ordering: .acquiring)
        return storage.capacity - (tail - headSeen)
    }

    /// Puts in one element; false, and nothing is done, when the ring is full.
    public mutating func push(_ element: Element) -> Bool {
        if tail - headSeen == storage.capacity && room() == 0 { return false }
        unsafe storage.slot(tail).initialize(to: element)
        tail += 1
        // Pairs with the consumer's acquiring load of `tail`.
        storage.tail.store(tail, ordering: .releasing)
        return true
    }

    /// Puts in as many elements from the front as fit, and returns how many that were. They become visible together.
    public mutating func push(_ elements: ArraySlice<Element>) -> Int {
        if storage.capacity - (tail - headSeen) < elements.count { _ = room() }
        let count = min(elements.count, storage.capacity - (tail - headSeen))
        for offset in 0..<count {
            unsafe storage.slot(tail + offset).initialize(to: elements[elements.startIndex + offset])
        }
        tail += count
        // Pairs with the consumer's acquiring load of `tail`.
        if count > 0 { storage.tail.store(tail, ordering: .releasing) }
        return count
    }

    /// Says that no more elements come.
    public mutating func close() {
        // Pairs with the consumer's acquiring load: a thread that sees it also sees the last `tail`.
        storage.isClosed.store(true, ordering: .releasing)
    }
}

/// The end that takes elements out. One thread.
public struct RingConsumer<Element: Sendable>: ~Copyable, Sendable {
    private let storage: RingStorage<Element>
    private var head = 0
    private var tailSeen = 0

    init(_ storage: RingStorage<Element>) {
        self.storage = storage
    }

    /// Whether the producer closed the ring and everything was taken out.
    public mutating func isFinished() -> Bool {
        // Pairs with `close`; looked at before `tail`, so that nothing pushed before the close is missed.
        guard storage.isClosed.load(ordering: .acquiring) else { return false }
        tailSeen = storage.tail.load(ordering: .acquiring)
        return head == tailSeen
    }

    public mutating func pop() -> Element? {
        if head == tailSeen {
            // Pairs with the producer's releasing store of `tail`.
            tailSeen = storage.tail.load(ordering: .acquiring)
            if head == tailSeen { return nil }
        }
        let element = unsafe storage.slot(head).move()
        head += 1
        // Pairs with the producer's acquiring load of `head`.
        storage.head.store(head, ordering: .releasing)
        return element
    }

    /// Hands what is there, up to `countMax` elements, to `body`, frees their slots together, and returns how many there were.
    @discardableResult
    public mutating func popAll(countMax: Int = .max, _ body: (consuming Element) -> Void) -> Int {
        // Pairs with the producer's releasing store of `tail`.
        tailSeen = storage.tail.load(ordering: .acquiring)
        let count = min(tailSeen - head, max(0, countMax))
        if count == 0 { return 0 }
        for offset in 0..<count { body(unsafe storage.slot(head + offset).move()) }
        head += count
        // Pairs with the producer's acquiring load of `head`.
        storage.head.store(head, ordering: .releasing)
        return count
    }
}
