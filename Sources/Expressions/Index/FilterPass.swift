import TelemetryModel

/// What is known of a leaf for the rows at hand.
struct LeafRows: BitwiseCopyable {
    /// Where it is true; nothing beyond `known`.
    var rows = RowMask()
    /// Where it was looked at. Of dispatched leaves all is known, and this is not used.
    var known = RowMask()
}

/// Up to 256 rows of a batch, and what an index finds out about them.
@safe
struct FilterPass: ~Escapable {
    private let conditions: Span<Condition>
    private let operands: Span<Int32>
    private let leaves: Span<ConditionLeaf>
    private let programs: Span<Program>
    // Owner: `FilterMatches`, which outlives a pass; exclusively this pass's for as long as it lives.
    private let found: UnsafeMutablePointer<LeafRows>
    private let touched: UnsafeMutablePointer<Int32>
    private var touchedCount: Int
    /// The row of the batch that is row 0 of the masks.
    private let first: Int
    private let all: RowMask

    @unsafe @_lifetime(borrow index)
    init(
        _ index: borrowing FilterIndex, _ found: UnsafeMutablePointer<LeafRows>, _ touched: UnsafeMutablePointer<Int32>,
        touchedCount: Int, from first: Int, _ all: RowMask
    ) {
        conditions = index.conditions.span
        operands = index.operands.span
        leaves = index.leaves.span
        programs = index.programs.span
        unsafe self.found = found
        unsafe self.touched = touched
        self.touchedCount = touchedCount
        self.first = first
        self.all = all
    }

    /// The rows of `asked` in which every one of the conditions holds.
    @inline(__always)
    mutating func rows(
        where all: Span<Int32>, _ conjunction: FilterIndex.Conjunction, among asked: RowMask,
        _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> RowMask {
        var rows = asked
        for place in Int(conjunction.first)..<Int(conjunction.end) {
            let condition = conditions[Int(all[place])]
            rows = self.rows(where: condition, among: rows, batch, payload)
            if rows.isEmpty { break }
        }
        return rows
    }

    /// Most are leaves of which all that is asked is known.
    @inline(__always)
    private mutating func rows(
        where condition: Condition, among asked: RowMask, _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> RowMask {
        if condition.kind == .leaf {
            let leaf = unsafe found[Int(condition.a)]
            if condition.isLookedUp || asked.subtracting(leaf.known).isEmpty { return asked & leaf.rows }
        }
        return rows(whereAny: condition, among: asked, batch, payload)
    }

    private mutating func rows(
        whereAny condition: Condition, among asked: RowMask, _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> RowMask {
        switch condition.kind {
        case .always: return asked
        case .never: return RowMask()
        case .leaf: return rows(whereLeaf: Int(condition.a), among: asked, batch, payload)
        case .and:
            var rows = asked
            for place in condition.a..<condition.b {
                rows = self.rows(where: conditions[Int(operands[Int(place)])], among: rows, batch, payload)
                if rows.isEmpty { break }
            }
            return rows
        case .or:
            var (rows, rest) = (RowMask(), asked)
            for place in condition.a..<condition.b {
                let more = self.rows(where: conditions[Int(operands[Int(place)])], among: rest, batch, payload)
                rows = rows | more
                rest = rest.subtracting(more)
                if rest.isEmpty { break }
            }
            return rows
        case .butNot:
            let rows = self.rows(where: conditions[Int(condition.a)], among: asked, batch, payload)
            if rows.isEmpty { return rows }
            return rows.subtracting(self.rows(where: conditions[Int(condition.b)], among: rows, batch, payload))
        }
    }

    private mutating func rows(
        whereLeaf number: Int, among asked: RowMask, _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> RowMask {
        let leaf = leaves[number]
        var entry = unsafe found[number]
        var unknown = asked.subtracting(entry.known)
        if entry.known.isEmpty {
            unsafe touched[touchedCount] = Int32(truncatingIfNeeded: number)
            touchedCount &+= 1
        } else if leaf.kind != .program {
            // What is asked without a program a second time will be asked again: it is found out once for all.
            unknown = all.subtracting(entry.known)
        }
        let slot = Int(leaf.slot)
        let more =
            switch leaf.kind {
            case .dispatched: RowMask()
            case .isThere: rows(of: unknown, batch, payload) { $0[slot].kind != .absent }
            case .isText: rows(of: unknown, batch, payload) { $0[slot].isText }
            case .isTrue: rows(of: unknown, batch, payload) { $0[slot].kind == .bool && $0[slot].boolValue }
            case .isFalse: rows(of: unknown, batch, payload) { $0[slot].kind == .bool && !$0[slot].boolValue }
            case .program: rows(of: unknown, batch, payload, where: programs[Int(leaf.program)], leaf)
            case .condition: rows(where: conditions[Int(leaf.root)], among: unknown, batch, payload)
            }
        entry.rows = entry.rows | more
        entry.known = entry.known | unknown
        unsafe found[number] = entry
        return asked & entry.rows
    }

    @inline(__always)
    private func rows(
        of unknown: RowMask, _ batch: borrowing EventBatch, _ payload: RawSpan,
        where test: (borrowing EventView) -> Bool
    ) -> RowMask {
        var rows = RowMask()
        for word in 0..<4 {
            var rest = unknown.words[word]
            var passed: UInt64 = 0
            while rest != 0 {
                let bit = rest & (0 &- rest)
                if test(batch.row(first &+ word &* 64 &+ rest.trailingZeroBitCount, of: payload)) { passed |= bit }
                rest &= rest &- 1
            }
            rows.words[word] = passed
        }
        return rows
    }

    /// A function of its own, so that the program is borrowed once and not copied for every row.
    @inline(never)
    private func rows(
        of unknown: RowMask, _ batch: borrowing EventBatch, _ payload: RawSpan, where program: Program,
        _ leaf: ConditionLeaf
    ) -> RowMask {
        let literals = unsafe program.literals.span.bytes
        return rows(of: unknown, batch, payload) { event in
            if let test = leaf.test, let passes = test.passes(event, literals) { return passes }
            return program.truth(of: leaf.root, event, is: leaf.wanted)
        }
    }

    var touchedNow: Int { touchedCount }
}
