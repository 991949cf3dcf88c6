import Synchronization

/// A reference to a value that nobody changes, which one thread replaces and any thread reads: a read model's root.
///
/// ## Assumptions
/// - One publisher: `publish` is called by one thread at a time, and a hand-over between two synchronises.
/// - `Value` is immutable, or at least `Sendable`: readers use it while others do.
///
/// ## Guarantees
/// - `current` is a value that was the newest at some moment during the call. Values that one thread reads one after the other
///   never go back.
/// - A value lives while a reader has it. A replaced one is let go by the publisher, at the next publication at the latest
///   that finds no reader in the middle of taking it; so at most `slotCount` replaced ones are kept.
///
/// ## Progress
/// - Publisher: wait-free; it looks at `slotCount` slots.
/// - Reader: lock-free; it starts over only when a publication came between two of its loads. More than `slotCount` readers
///   *within* `current`, which is a dozen instructions, at the same moment wait for each other's.
///
/// ## How it works
/// Hazard pointers (Michael, 2004). A plain load and a retain would not do: between the two the publisher could let the value
/// go. So a reader first writes into a slot which value it is about to take, and looks again whether that is still the newest;
/// the publisher replaces the newest first, and looks at the slots then.
/// - R1, the reader's store of its slot, R2, its second load of `newest`, P1, the publisher's exchange of `newest`, and P2, its
///   loads of slots, are sequentially consistent. In their one order either R1 is before P2, and the publisher sees that the
///   value is being taken; or P1 is before R2, and the reader sees that it has to start over. An address that was freed and
///   used again for the newest value does no harm: it is the newest then, and the slot protects it from then on.
/// - R3, the store that empties the slot, is releasing and pairs with P2: the retain comes before the release.
///
/// `@unchecked Sendable`, proof: `newest` and `slots` are atomics. `retired` is the publisher's alone. Each address in
/// `newest` or `retired` has one retain of this object, taken in `publish` or `init` and given back once, in `collect` or
/// `deinit`; in `deinit` there is neither reader nor publisher any more.
@safe
public final class SnapshotCell<Value: Sendable>: @unchecked Sendable {
    /// The value on the heap: what is swapped is one word.
    private final class Box: Sendable {
        let value: Value

        init(_ value: Value) { self.value = value }
    }

    /// As many readers as are expected at a moment, several times over.
    private static var slotCount: Int { 16 }

    private let newest: Atomic<UnsafeMutableRawPointer>
    private let slots: [Slot]
    /// Replaced, and not let go yet.
    private var retired: [UnsafeMutableRawPointer] = unsafe []

    /// What one reader is about to take; `nil` while the slot is free.
    ///
    /// A reader claims a slot with an address, so no further word says whose it is.
    @safe
    private final class Slot {
        let address: Atomic<UnsafeMutableRawPointer?> = unsafe Atomic(nil)
    }

    public init(_ value: Value) {
        unsafe newest = Atomic(Unmanaged.passRetained(Box(value)).toOpaque())
        slots = (0..<SnapshotCell.slotCount).map { _ in Slot() }
    }

    deinit {
        // Nobody has this object any more, and the last release of it ordered what they did before this.
        unsafe retired.append(newest.load(ordering: .relaxed))
        unsafe retired.forEach { unsafe Unmanaged<Box>.fromOpaque($0).release() }
    }

    /// The newest value. Any thread.
    public var current: Value {
        // Relaxed: only a first guess, which R2 confirms.
        var seen = unsafe newest.load(ordering: .relaxed)
        let slot = unsafe claim(seen)
        while true {
            // R2 pairs with P1.
            let now = unsafe newest.load(ordering: .sequentiallyConsistent)
            if unsafe now == seen { break }
            unsafe seen = now
            // R1 pairs with P2.
            unsafe slot.address.store(seen, ordering: .sequentiallyConsistent)
        }
        let value = unsafe SnapshotCell.take(seen)
        // R3 pairs with P2.
        unsafe slot.address.store(nil, ordering: .releasing)
        return value
    }

    /// A call that is never inlined: what it returns is retained when it returns, so no optimisation puts the retain off behind the
    /// store that empties the slot.
    @unsafe @inline(never)
    private static func take(_ address: UnsafeMutableRawPointer) -> Value {
        unsafe Unmanaged<Box>.fromOpaque(address).takeUnretainedValue().value
    }

    /// A free slot, which now says that `seen` is being taken.
    private func claim(_ seen: UnsafeMutableRawPointer) -> Slot {
        while true {
            for slot in slots {
                // R1 pairs with P2.
                let (isClaimed, _) = unsafe slot.address.compareExchange(
                    expected: nil, desired: seen, ordering: .sequentiallyConsistent)
                if isClaimed { return slot }
            }
            yieldCore()
        }
    }

    /// Replaces the value. The publisher alone.
    public func publish(_ value: Value) {
        let address = unsafe Unmanaged.passRetained(Box(value)).toOpaque()
        // P1 pairs with R2. It also releases what the box holds to whoever loads the address.
        let replaced = unsafe newest.exchange(address, ordering: .sequentiallyConsistent)
        unsafe retired.append(replaced)
        collect()
    }

    /// Lets go of replaced values that nobody is taking.
    private func collect() {
        // P2 pairs with R1 and R3.
        let taken = unsafe slots.compactMap { unsafe $0.address.load(ordering: .sequentiallyConsistent) }
        unsafe retired.removeAll { address in
            if unsafe taken.contains(address) { return false }
            unsafe Unmanaged<Box>.fromOpaque(address).release()
            return true
        }
    }
}
