import Statistics
import TelemetryModel

/// What an index finds in the rows of a batch: for each selector that some row passes, which.
///
/// Used batch after batch; nothing is allocated for a row. One owner, on one thread.
@safe
public struct FilterMatches: ~Copyable {
    public let index: FilterIndex

    /// A selector that some rows pass.
    public struct Match: BitwiseCopyable {
        /// By the index's numbers, see `FilterIndex.selections`.
        public let selector: Int
        public let rows: RowMask

        /// The same of fewer rows.
        public func within(_ others: RowMask) -> Match { Match(selector: selector, rows: rows & others) }
    }

    // Owner: this value, freed in `deinit`. Exclusivity: written only by its mutating methods, on one thread.
    private let found: UnsafeMutablePointer<LeafRows>
    /// Leaves of which something is known, each once; room for all.
    private let touched: UnsafeMutablePointer<Int32>
    private var touchedCount = 0
    /// The pass in which a selector was looked at last.
    private let passes: UnsafeMutablePointer<UInt32>
    private var pass: UInt32 = 0
    @usableFromInline let matches: UnsafeMutablePointer<Match>
    /// How many selectors some row passes.
    public private(set) var count = 0
    private var first = 0
    /// The rows at hand.
    private var all = RowMask()

    public init(_ index: FilterIndex) {
        self.index = index
        let leafCount = max(1, index.leaves.count)
        unsafe found = .allocate(capacity: leafCount)
        unsafe found.initialize(repeating: LeafRows(), count: leafCount)
        unsafe touched = .allocate(capacity: leafCount)
        let selectorCount = max(1, index.selectors.count)
        unsafe passes = .allocate(capacity: selectorCount)
        unsafe passes.initialize(repeating: 0, count: selectorCount)
        unsafe matches = .allocate(capacity: selectorCount)
    }

    deinit {
        unsafe found.deallocate()
        unsafe touched.deallocate()
        unsafe passes.deallocate()
        unsafe matches.deallocate()
    }

    /// In no order that means anything.
    @inlinable
    public subscript(_ match: Int) -> Match {
        precondition(match >= 0 && match < count, "a match that is none")
        return unsafe matches[match]
    }

    /// Finds what the rows from `first` on pass, as many as a mask has; row `first` is the lowest bit of all masks.
    public mutating func take(_ batch: borrowing EventBatch, _ payload: RawSpan, from first: Int) {
        for place in 0..<touchedCount { unsafe found[Int(touched[place])] = LeafRows() }
        touchedCount = 0
        count = 0
        self.first = first
        all = RowMask(below: min(batch.count &- first, RowMask.rowsMax))
        if all.isEmpty { return }
        touchedCount = dispatch(batch, payload, rows: min(batch.count &- first, RowMask.rowsMax))
        nextPass()
        (count, touchedCount) = look(batch, payload)
    }

    /// Looks at the selectors of which a witness is true, and at those without.
    private borrowing func look(
        _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> (count: Int, touchedCount: Int) {
        let (selectors, conjunctions) = (index.selectors.span, index.conjunctions.span)
        let attached = index.attached.elements.span
        let unattached = index.unattached.span
        var pass = unsafe FilterPass(index, found, touched, touchedCount: touchedCount, from: first, all)
        var count = 0
        for place in 0..<touchedCount {
            let leaf = unsafe Int(touched[place])
            let own = unsafe found[leaf].rows
            for number in index.attached.places(of: leaf) {
                let attachment = attached[number]
                let selector = Int(attachment.selector)
                var rows = all
                if attachment.isShared {
                    if unsafe passes[selector] == self.pass { continue }
                    unsafe passes[selector] = self.pass
                } else {
                    rows = unsafe own & found[Int(attachment.other)].rows
                    if rows.isEmpty { continue }
                }
                if attachment.rest.first < attachment.rest.end {
                    rows = pass.rows(where: conjunctions, attachment.rest, among: rows, batch, payload)
                    if rows.isEmpty { continue }
                }
                unsafe matches[count] = Match(selector: selector, rows: rows)
                count &+= 1
            }
        }
        for place in unattached.indices {
            let selector = Int(unattached[place])
            let rows = pass.rows(where: conjunctions, selectors[selector].whole, among: all, batch, payload)
            if rows.isEmpty { continue }
            unsafe matches[count] = Match(selector: selector, rows: rows)
            count &+= 1
        }
        return (count, pass.touchedNow)
    }

    private mutating func nextPass() {
        pass &+= 1
        if pass > 0 { return }
        unsafe passes.update(repeating: 0, count: max(1, index.selectors.count))
        pass = 1
    }

    /// The rows among those of a match that pass one of its selector's parts.
    public mutating func rows(
        ofPart part: Int, _ match: Match, _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> RowMask {
        let part = index.parts[Int(index.selectors[match.selector].firstPart) &+ part]
        if part.leaf >= 0 {
            let leaf = unsafe found[Int(part.leaf)]
            if match.rows.subtracting(leaf.known).isEmpty {
                return part.isOpposite ? match.rows.subtracting(leaf.rows) : match.rows & leaf.rows
            }
        }
        let (rows, touchedCount) = pass(part.conditions, match, batch, payload)
        self.touchedCount = touchedCount
        return rows
    }

    private borrowing func pass(
        _ conditions: FilterIndex.Conjunction, _ match: Match, _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> (rows: RowMask, touchedCount: Int) {
        var pass = unsafe FilterPass(index, found, touched, touchedCount: touchedCount, from: first, all)
        let rows = pass.rows(where: index.conjunctions.span, conditions, among: match.rows, batch, payload)
        return (rows, pass.touchedNow)
    }

    // MARK: Dispatch by value

    private borrowing func dispatch(_ batch: borrowing EventBatch, _ payload: RawSpan, rows: Int) -> Int {
        let fields = index.fields.span
        let (texts, integers, prefixes) = (index.texts.span, index.integers.span, index.prefixes.span)
        // The bytes of an array of bytes: no padding, no uninitialized memory.
        let literals = unsafe index.literals.span.bytes
        var touchedCount = 0
        for place in fields.indices {
            let field = fields[place]
            for row in 0..<rows {
                let value = batch.value(first &+ row, Int(field.slot))
                switch value.kind {
                case .text, .arenaText:
                    let bytes = batch.bytes(of: value, in: payload)
                    var prefix: Int32
                    let place = field.texts.mask >= 0 ? FilterMatches.find(bytes, field, texts, literals) : -1
                    if place >= 0 {
                        unsafe note(texts[place].leaf, row, &touchedCount)
                        prefix = texts[place].prefix
                    } else {
                        prefix = FilterMatches.longestPrefix(of: bytes, field, prefixes, literals)
                    }
                    while prefix >= 0 {
                        unsafe note(prefixes[Int(prefix)].leaf, row, &touchedCount)
                        prefix = prefixes[Int(prefix)].parent
                    }
                case .integer where field.integers.mask >= 0:
                    let leaf = FilterMatches.find(value.integerValue, field, integers)
                    if leaf >= 0 { unsafe note(leaf, row, &touchedCount) }
                case .double where field.integers.mask >= 0:
                    // CEL compares numbers on the number line.
                    guard let whole = Int64(exactly: value.doubleValue) else { continue }
                    let leaf = FilterMatches.find(whole, field, integers)
                    if leaf >= 0 { unsafe note(leaf, row, &touchedCount) }
                default: break
                }
            }
        }
        return touchedCount
    }

    @unsafe @inline(__always)
    private func note(_ leaf: Int32, _ row: Int, _ touchedCount: inout Int) {
        let words = unsafe UnsafeMutableRawPointer(found + Int(leaf)).assumingMemoryBound(to: UInt64.self)
        if unsafe words[0] | words[1] | words[2] | words[3] == 0 {
            unsafe touched[touchedCount] = leaf
            touchedCount &+= 1
        }
        unsafe words[row >> 6] |= 1 << UInt64(truncatingIfNeeded: row & 63)
    }

    /// The place of a text, or −1.
    @inline(__always)
    private static func find(
        _ bytes: RawSpan, _ field: FieldDispatch, _ texts: Span<TextSlot>, _ literals: RawSpan
    ) -> Int {
        let hash = UInt32(truncatingIfNeeded: FilterIndex.hash.hash(bytes))
        let mask = Int(field.texts.mask)
        var place = Int(hash) & mask
        while true {
            let slot = texts[Int(field.texts.first) &+ place]
            if slot.leaf < 0 { return -1 }
            if slot.hash == hash, Int(slot.length) == bytes.byteCount,
                bytes.isEqual(to: literals.extracting(Int(slot.offset)..<Int(slot.offset &+ slot.length)))
            {
                return Int(field.texts.first) &+ place
            }
            place = (place &+ 1) & mask
        }
    }

    @inline(__always)
    private static func find(_ value: Int64, _ field: FieldDispatch, _ integers: Span<IntegerSlot>) -> Int32 {
        let mask = Int(field.integers.mask)
        var place = FilterIndex.place(of: value) & mask
        while true {
            let slot = integers[Int(field.integers.first) &+ place]
            if slot.leaf < 0 || slot.value == value { return slot.leaf }
            place = (place &+ 1) & mask
        }
    }

    /// The longest of the field's prefixes that `bytes` begin with, or −1.
    ///
    /// What is between a prefix of the bytes and the bytes begins with that prefix: so the last entry that is not above them has all
    /// of their prefixes among those that it begins with.
    static func longestPrefix(
        of bytes: RawSpan, _ field: FieldDispatch, _ prefixes: Span<PrefixEntry>, _ literals: RawSpan
    ) -> Int32 {
        var (low, high) = (Int(field.prefixes.first), Int(field.prefixes.first &+ field.prefixes.count))
        if low == high { return -1 }
        let start = low
        while low < high {
            let middle = (low &+ high) / 2
            let entry = prefixes[middle]
            if bytes.isBefore(literals.extracting(Int(entry.offset)..<Int(entry.offset &+ entry.length))) {
                high = middle
            } else {
                low = middle &+ 1
            }
        }
        if low == start { return -1 }
        var place = Int32(truncatingIfNeeded: low &- 1)
        while place >= 0 {
            let entry = prefixes[Int(place)]
            if bytes.hasPrefix(literals.extracting(Int(entry.offset)..<Int(entry.offset &+ entry.length))) { break }
            place = entry.parent
        }
        return place
    }
}
