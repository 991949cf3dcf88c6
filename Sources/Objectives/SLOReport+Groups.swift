extension SLOReport.Entry {
    /// Several groups of one objective in one line: their sums, and the least budget that one of them has left. Burn rates are each group's own.
    ///
    /// - Parameter entries: of one objective; one or more.
    package static func folding(_ entries: [SLOReport.Entry]) -> SLOReport.Entry? {
        guard var folded = entries.first else { return nil }
        folded.terms.group = nil
        folded.foldedGroups = entries.count
        folded.good = entries.reduce(0) { $0 + $1.good }
        folded.total = entries.reduce(0) { $0 + $1.total }
        folded.bad = entries.reduce(0) { $0 + $1.bad }
        folded.unknownSlices = entries.reduce(0) { $0 + $1.unknownSlices }
        folded.inconsistentSlices = entries.reduce(0) { $0 + $1.inconsistentSlices }
        folded.lateUncounted = entries.reduce(0) { $0 + $1.lateUncounted }
        folded.indicator = nil
        // A mean of ratios is no ratio of sums.
        if case .ratioTimeslices = folded.terms.method {
        } else if folded.total > 0 {
            folded.indicator = ExactFraction(folded.total - folded.bad, folded.total)
        }
        folded.remaining = entries.compactMap(\.remaining).min { $1 > $0 }
        folded.burnRates = []
        folded.warnings = []
        folded.worst = []
        folded.sources = []
        folded.gaps = []
        folded.former = []
        return folded
    }
}
