/// The slices that cost the most budget, the costliest first; of equal ones the earlier.
struct WorstSlices {
    struct Slice {
        var slice: Int64
        var good: Int64
        var total: Int64
        fileprivate var cost: ExactFraction
    }

    let method: BudgetingMethod
    let countMax: Int
    private(set) var slices: [Slice] = []

    init(method: BudgetingMethod, countMax: Int) {
        self.method = method
        self.countMax = countMax
    }

    /// Takes a block's slices that lie in `range`; blocks are to be given in event-time order.
    mutating func take(_ block: SliceBlock, in range: Range<Int64>) {
        guard method.bad(block.sum) > 0 else { return }
        block.forEachSlot(in: range) { take(block.firstSlice + Int64($0), good: $1, total: $2) }
    }

    mutating func take(_ slice: Int64, good: Int64, total: Int64) {
        // Of most slices nothing is bad.
        guard total > 0, good < total, let cost = cost(good: good, total: total) else { return }
        if slices.count == countMax {
            guard cost > slices[slices.endIndex - 1].cost else { return }
            slices.removeLast()
        }
        let place = slices.firstIndex { cost > $0.cost } ?? slices.endIndex
        slices.insert(Slice(slice: slice, good: good, total: total, cost: cost), at: place)
    }

    /// Bad records, or the bad part where slices weigh alike; `nil` for a slice that cost nothing.
    private func cost(good: Int64, total: Int64) -> ExactFraction? {
        guard method.bad(method.tally(good: good, total: total)) > 0 else { return nil }
        let bad = Int128(total) - Int128(good)
        if case .occurrences = method { return ExactFraction(bad, 1) }
        return ExactFraction(bad, Int128(total))
    }
}
