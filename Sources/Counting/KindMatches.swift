import Expressions
import Planning
import TelemetryModel

/// What the filters of one kind of event find in a batch; behind a reference, because arrays can't hold what can't be copied.
final class KindMatches {
    let plan: PipelinePlan.KindFilters
    var matches: FilterMatches

    init(_ plan: PipelinePlan.KindFilters) {
        self.plan = plan
        matches = FilterMatches(plan.index)
    }

    /// The rows of a match that a measure counts: those that pass its filter, or all of them.
    @inline(__always)
    func rows(
        of filter: Int32, _ match: FilterMatches.Match, _ batch: borrowing EventBatch, _ payload: RawSpan
    ) -> RowMask {
        filter < 0 ? match.rows : matches.rows(ofPart: Int(filter), match, batch, payload)
    }
}
