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
}
