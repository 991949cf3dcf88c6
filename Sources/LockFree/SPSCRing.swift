import Synchronization

/// A bounded queue from one thread to another.
///
/// ## Assumptions
/// - One producer and one consumer: each end is noncopyable and given out once. An end may move between threads if the
///   hand-over itself synchronises.
///
/// ## Guarantees
/// - Elements come out once each, in the order in which they went in. What is left in the ring when nobody has it any more is
///   destroyed.
/// - It never holds more than its capacity: what does not fit stays with the producer, which is where back-pressure comes from.
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
///
/// `@unchecked Sendable`, proof: slots from `head` up to `tail` are read by the consumer alone and the others written by
/// the producer alone; the counts that part them are atomics, ordered as above.
@safe
public final class SPSCRing<Element: Sendable>: @unchecked Sendable {
    public let capacity: Int
    private let slots: UnsafeMutablePointer<Element>
    fileprivate let head = Atomic<Int>(0)
    // 128 bytes between what the two ends write: two cache lines, since prefetchers fetch lines in pairs.
    private let padding: InlineArray<16, Int> = .init(repeating: 0)
    fileprivate let tail = Atomic<Int>(0)
    private let padding2: InlineArray<16, Int> = .init(repeating: 0)
    private let isProducerTaken = Atomic<Bool>(false)
    private let isConsumerTaken = Atomic<Bool>(false)

    /// - Parameter capacity: of elements, a power of two.
    public init(capacity: Int) {
        precondition(capacity > 0 && capacity & (capacity - 1) == 0, "a ring's capacity is a power of two")
        self.capacity = capacity
        unsafe slots = .allocate(capacity: capacity)
    }

    deinit {
        // Both ends are gone; the last release of the reference ordered their work before this.
        for count in head.load(ordering: .relaxed)..<tail.load(ordering: .relaxed) {
            unsafe slot(count).deinitialize(count: 1)
        }
        unsafe slots.deallocate()
    }

    /// The one producer. A second call is a bug, and traps.
    public func makeProducer() -> RingProducer<Element> {
        let wasTaken = isProducerTaken.exchange(true, ordering: .relaxed)
        precondition(!wasTaken, "a ring has one producer")
        return RingProducer(self)
    }

    /// The one consumer. A second call is a bug, and traps.
    public func makeConsumer() -> RingConsumer<Element> {
        let wasTaken = isConsumerTaken.exchange(true, ordering: .relaxed)
        precondition(!wasTaken, "a ring has one consumer")
        return RingConsumer(self)
    }

    @unsafe @inline(__always)
    fileprivate func slot(_ count: Int) -> UnsafeMutablePointer<Element> { unsafe slots + (count & (capacity &- 1)) }
}

/// The end that puts elements in. One thread.
public struct RingProducer<Element: Sendable>: ~Copyable, Sendable {
    private let ring: SPSCRing<Element>
    private var tail = 0
    private var headSeen = 0

    fileprivate init(_ ring: SPSCRing<Element>) {
        self.ring = ring
    }

    public var capacity: Int { ring.capacity }

    /// Elements that fit now. More may, once the consumer has taken some.
    public mutating func room() -> Int {
        // Pairs with the consumer's releasing store of `head`.
        headSeen = ring.head.load(ordering: .acquiring)
        return ring.capacity - (tail - headSeen)
    }

    /// Elements that the consumer has not taken yet.
    public mutating func count() -> Int { ring.capacity - room() }

    /// Puts in one element; false, and nothing is done, when the ring is full.
    public mutating func push(_ element: Element) -> Bool {
        if tail - headSeen == ring.capacity && room() == 0 { return false }
        unsafe ring.slot(tail).initialize(to: element)
        tail += 1
        // Pairs with the consumer's acquiring load of `tail`.
        ring.tail.store(tail, ordering: .releasing)
        return true
    }
}

/// The end that takes elements out. One thread.
public struct RingConsumer<Element: Sendable>: ~Copyable, Sendable {
    private let ring: SPSCRing<Element>
    private var head = 0
    private var tailSeen = 0

    fileprivate init(_ ring: SPSCRing<Element>) {
        self.ring = ring
    }

    /// The element that has been in the ring for longest; `nil` when there is none.
    public mutating func pop() -> Element? {
        if head == tailSeen {
            // Pairs with the producer's releasing store of `tail`.
            tailSeen = ring.tail.load(ordering: .acquiring)
            if head == tailSeen { return nil }
        }
        let element = unsafe ring.slot(head).move()
        head += 1
        // Pairs with the producer's acquiring load of `head`.
        ring.head.store(head, ordering: .releasing)
        return element
    }
}
