import Synchronization

/// The memory of a seqlock table: blocks that double in size, none of which ever moves.
///
/// Block k holds the slots from 64·(2ᵏ − 1) on, 64·2ᵏ of them. The writer adds blocks; readers find them by index.
///
/// `@unchecked Sendable`, proof: `blocks` is a fixed array of atomic pointers. Each is stored once, by the only writer,
/// after the block's atomics were initialised (releasing), and loaded acquiring; what a block holds is atomics. Blocks are
/// freed in `deinit` alone, when nobody holds a reference any more.
@safe
final class SeqlockBlocks: @unchecked Sendable {
    private static let blocksMax = 32
    private static let firstBlockLog2 = 6
    private let width: Int
    private let blocks: UnsafeMutablePointer<Atomic<UnsafeMutablePointer<Atomic<UInt64>>?>>

    init(width: Int) {
        self.width = width
        unsafe blocks = .allocate(capacity: SeqlockBlocks.blocksMax)
        for index in 0..<SeqlockBlocks.blocksMax { unsafe (blocks + index).initialize(to: Atomic(nil)) }
    }

    deinit {
        for index in 0..<SeqlockBlocks.blocksMax {
            if let block = unsafe blocks[index].load(ordering: .relaxed) {
                unsafe block.deinitialize(count: SeqlockBlocks.slotCount(index) * width)
                unsafe block.deallocate()
            }
        }
        unsafe blocks.deinitialize(count: SeqlockBlocks.blocksMax)
        unsafe blocks.deallocate()
    }

    private static func slotCount(_ block: Int) -> Int { 1 << (firstBlockLog2 + block) }

    /// The block of a slot, and the slot's place in it: adding 64 makes the block the place of the highest bit.
    private static func place(_ slot: Int) -> (block: Int, index: Int) {
        let shifted = slot + 1 << firstBlockLog2
        let highest = Int.bitWidth - 1 - shifted.leadingZeroBitCount
        return (highest - firstBlockLog2, shifted - 1 << highest)
    }

    /// The words of a slot, or `nil` when its block is not there. Any thread; valid as long as this object.
    @unsafe
    func register(_ slot: Int) -> UnsafeMutablePointer<Atomic<UInt64>>? {
        precondition(slot >= 0, "no such register")
        let (block, index) = SeqlockBlocks.place(slot)
        guard block < SeqlockBlocks.blocksMax else { return nil }
        // Pairs with the releasing store in `grow`.
        guard let words = unsafe blocks[block].load(ordering: .acquiring) else { return nil }
        return unsafe words + index * width
    }

    /// Makes sure that a slot's block is there. The writer only.
    func grow(toHold slot: Int) {
        let (block, _) = SeqlockBlocks.place(slot)
        precondition(block < SeqlockBlocks.blocksMax, "the seqlock table is full")
        if unsafe blocks[block].load(ordering: .relaxed) != nil { return }
        let count = SeqlockBlocks.slotCount(block) * width
        let words = UnsafeMutablePointer<Atomic<UInt64>>.allocate(capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
        // Pairs with the acquiring load in `register`.
        unsafe blocks[block].store(words, ordering: .releasing)
    }
}
