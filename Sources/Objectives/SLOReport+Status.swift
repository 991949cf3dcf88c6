import TelemetryModel

// What an objective comes to: one word, decided on integers.

extension ObjectiveLedger {
    func status(
        _ range: Range<Int64>, _ tally: Tally, remaining: ExactFraction?, at time: Timestamp
    ) -> SLOReport.Status {
        if closedInconsistent(range) > 0 { return .invalid }
        if tally.slices == 0 { return .noData }
        // Above a burn rate of 1 over the whole window, more than the budget is gone.
        if terms.isBurning(tally, above: .one) { return .violated }
        if let remaining, ExactFraction(1, 5) > remaining { return .atRisk }
        if isBurning(at: time) { return .atRisk }
        return isIncomplete(range, tally) ? .incomplete : .met
    }

    /// Slices in `range` that contradict themselves and are closed: in an open one, counts of another source may follow.
    func closedInconsistent(_ range: Range<Int64>) -> Int64 {
        guard let end = closedEnd, end < range.upperBound else { return tally(range).inconsistent }
        return end > range.lowerBound ? tally(range.lowerBound..<end).inconsistent : 0
    }

    /// The recommended alerts and not the objective's own: a report reads the same whatever pages whom.
    private func isBurning(at time: Timestamp) -> Bool {
        let end = grid.end(at: time)
        return ObjectiveAlert.defaults(window: terms.window.nominalNanoseconds, target: terms.target).contains {
            burns($0.condition, endSlice: end, $0.test)
        }
    }

    /// Whether too little is known for "met".
    ///
    /// Minutes without a record say nothing against Occurrences: nothing was asked of the service, or nothing went wrong.
    /// A time slice without data may have been an outage of what measures.
    private func isIncomplete(_ range: Range<Int64>, _ tally: Tally) -> Bool {
        guard let began = countingBegan.map(grid.slice(holding:)) else { return true }
        if 2 * (began - range.lowerBound) > Int64(range.count) { return true }
        guard case .timeslices = terms.method else { return false }
        let since = range.upperBound - max(began, range.lowerBound)
        return 2 * (since - tally.slices - tally.inconsistent) > since
    }
}
