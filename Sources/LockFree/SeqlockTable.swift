import Synchronization

/// Registers of one writer that any thread can read, all of them as they were at one moment.
///
/// A register is a row of `width` 64-bit words. The writer changes registers in *publications*; a snapshot shows every
/// publication whole or not at all.
///
/// ## Assumptions
/// - One writer: `SeqlockWriter` is noncopyable and given out once. It may move between threads if the hand-over
///   itself synchronises.
/// - Publications are short beside the time between them: a batch of events is counted in plain memory and its totals are
///   published at its end.
///
/// ## Guarantees
/// - A snapshot equals the table after some publication that ended before the snapshot did. Snapshots taken one after
///   the other by one thread never go back.
/// - The table grows by adding blocks; none is moved or freed before the table is, so a reader never loses what it reads.
///
/// ## Progress
/// - Writer: wait-free. It never waits for readers; it may put a publication off when one asks, at most
///   `postponementsMax` times in a row, and that is its caller's choice of moment, not a wait.
/// - Reader: obstruction-free by itself (a publication during the copy makes it start over); a reader that had to start
///   over `eagerAttempts` times raises `waiting`, and then the writer's postponing lets it finish.
///
/// ## Who calls what
/// - The writer's thread: everything on `SeqlockWriter`.
/// - Any thread: `snapshot`.
///
/// ## How it works
/// A sequence lock whose data are atomics, so that there is no data race and no fence is needed. `sequence` is odd while a
/// publication is under way. A reader loads it (L1, acquiring), copies the words (L2, acquiring) and loads it again (L3).
/// - L1 pairs with the releasing store S3 that ends a publication: a reader that starts after it sees all its words.
/// - L2 pairs with the releasing store S2 of a word: a reader that saw a word of a later publication also sees that
///   publication's odd sequence (S1, before S2 in the writer's order) at L3, and starts over.
public final class SeqlockTable: Sendable {
    /// Words of a register; the first is the register's tag, never 0 while it is in use.
    public let width: Int
    private let sequence = Atomic<UInt64>(0)
    /// Readers that ask the writer to hold off.
    private let waiting = Atomic<Int>(0)
    /// Registers ever in use: the readers' bound. Grows only.
    private let count = Atomic<Int>(0)
    private let isWriterTaken = Atomic<Bool>(false)
    private let blocks: SeqlockBlocks

    public static let eagerAttempts = 16
    public static let postponementsMax = 64

    public init(width: Int) {
        precondition(width > 0, "a register has at least one word")
        self.width = width
        blocks = SeqlockBlocks(width: width)
    }

    /// The one writer. A second call is a bug, and traps.
    public func makeWriter() -> SeqlockWriter {
        let wasTaken = isWriterTaken.exchange(true, ordering: .relaxed)
        precondition(!wasTaken, "a seqlock table has one writer")
        return SeqlockWriter(table: self)
    }

    /// All registers in use, `width` words each, in the order of their slots; and the number of publications that they
    /// show. Any thread.
    public func snapshot() -> (words: [UInt64], publications: UInt64) {
        var words: [UInt64] = []
        var attempts = 0
        var isWaiting = false
        defer {
            if isWaiting { waiting.subtract(1, ordering: .relaxed) }
        }
        while true {
            // L1 pairs with S3.
            let before = sequence.load(ordering: .acquiring)
            if before & 1 == 0 {
                words.removeAll(keepingCapacity: true)
                // Paired with the writer's releasing store: the blocks below the count are there.
                let count = count.load(ordering: .acquiring)
                for slot in 0..<count {
                    guard let register = unsafe blocks.register(slot) else { break }
                    // L2 pairs with S2.
                    let tag = unsafe register[0].load(ordering: .acquiring)
                    if tag == 0 { continue }
                    words.append(tag)
                    for word in 1..<max(width, 1) { words.append(unsafe register[word].load(ordering: .acquiring)) }
                }
                // L3: the loads above are acquiring, so none of them can move below it.
                if sequence.load(ordering: .relaxed) == before { return (words, before / 2) }
            }
            attempts += 1
            // The writer may have lost its core in the middle of a publication; give it ours.
            if attempts % SeqlockTable.eagerAttempts == 0 { yieldCore() }
            if attempts == SeqlockTable.eagerAttempts {
                // Relaxed: it is a request, and correctness does not depend on when it is seen.
                waiting.add(1, ordering: .relaxed)
                isWaiting = true
            }
        }
    }

    // MARK: The writer's side

    fileprivate func begin() {
        // S1. Relaxed: S2, which follows and is releasing, carries it to any thread that sees a new word.
        sequence.store(sequence.load(ordering: .relaxed) &+ 1, ordering: .relaxed)
    }

    fileprivate func end() {
        // S3 pairs with L1.
        sequence.store(sequence.load(ordering: .relaxed) &+ 1, ordering: .releasing)
    }

    fileprivate func store(_ value: UInt64, _ slot: Int, _ word: Int) {
        precondition(word >= 0 && word < width, "a word outside the register")
        guard let register = unsafe blocks.register(slot) else { preconditionFailure("no such register") }
        // S2 pairs with L2.
        unsafe register[word].store(value, ordering: .releasing)
    }

    fileprivate func load(_ slot: Int, _ word: Int) -> UInt64 {
        precondition(word >= 0 && word < width, "a word outside the register")
        guard let register = unsafe blocks.register(slot) else { preconditionFailure("no such register") }
        // Relaxed: the only writer reads its own stores.
        return unsafe register[word].load(ordering: .relaxed)
    }

    fileprivate func addSlot() -> Int {
        let slot = count.load(ordering: .relaxed)
        blocks.grow(toHold: slot)
        // Pairs with the reader's acquiring load of `count`.
        count.store(slot + 1, ordering: .releasing)
        return slot
    }

    fileprivate var readersWaiting: Bool { waiting.load(ordering: .relaxed) > 0 }
}

/// The only one who changes a seqlock table: see `SeqlockTable`. One thread at a time.
public struct SeqlockWriter: ~Copyable, Sendable {
    public let table: SeqlockTable
    private var freeSlots: [Int] = []
    private var postponements = 0
    private var isPublishing = false

    fileprivate init(table: SeqlockTable) {
        self.table = table
    }

    /// Whether to put this publication off because a reader could not get through. Calls that follow one another say so
    /// at most `postponementsMax` times, so no reader can stop publishing.
    public mutating func shouldPostpone() -> Bool {
        if table.readersWaiting && postponements < SeqlockTable.postponementsMax {
            postponements += 1
            return true
        }
        postponements = 0
        return false
    }

    /// Begins a publication: until `end`, readers start over.
    public mutating func begin() {
        precondition(!isPublishing, "a publication is under way")
        isPublishing = true
        table.begin()
    }

    public mutating func end() {
        precondition(isPublishing, "no publication is under way")
        isPublishing = false
        table.end()
    }

    /// A register with `tag`, which must not be 0, and all other words 0. Within a publication.
    public mutating func add(tag: UInt64) -> Int {
        precondition(isPublishing && tag != 0, "registers are added with a tag, within a publication")
        let slot = freeSlots.popLast() ?? table.addSlot()
        for word in 1..<max(table.width, 1) { table.store(0, slot, word) }
        table.store(tag, slot, 0)
        return slot
    }

    /// Takes a register out of use. Within a publication.
    public mutating func remove(_ slot: Int) {
        precondition(
            isPublishing && table.load(slot, 0) != 0, "only a register in use is removed, within a publication")
        table.store(0, slot, 0)
        freeSlots.append(slot)
    }

    /// Sets a word of a register, but not its tag. Within a publication.
    public mutating func set(_ slot: Int, _ word: Int, _ value: UInt64) {
        precondition(isPublishing && word > 0, "words are set within a publication, and the tag is not one of them")
        table.store(value, slot, word)
    }
}
