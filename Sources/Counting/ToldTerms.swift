import Objectives
import Planning
import Records
import TelemetryModel

/// What the registers were told of the objectives that an owner counts.
///
/// An evaluator with other resources may not know an objective, or not by this definition, and keeps its counts all the same. For
/// that it needs to know how slices are cut and what is promised. It is told with the first counts of each hour of event time: an
/// evaluator either has the hour's block, and with it the terms, or reads the update that begins it. What a shard has already does
/// not count there: nobody hears of the terms by it, and they are told again.
struct ToldTerms {
    /// By the objective's place in the plan: the last hour whose counts came with the terms.
    private var hours: [Int: Int64] = [:]
    private static let hourNanoseconds: Int64 = 3_600_000_000_000

    /// - Parameters:
    ///   - counted: what one objective has, or each of its groups.
    ///   - isNews: the objective's shard does not have the range already.
    mutating func amounts(
        of objective: Int, in plan: PipelinePlan, _ counted: ArraySlice<CountedSlices>, isNews: Bool = true
    ) -> ChangelogAmounts.ObjectiveAmounts {
        var amounts = ChangelogAmounts.ObjectiveAmounts(objective: plan.objectives[objective].name, counted: counted)
        guard plan.form.tellsDefinitions else { return amounts }
        amounts.definition = plan.definitions[objective]
        let known = hours[objective]
        var newest: Int64?
        var isTold = true
        for counted in counted {
            for delta in counted.deltas {
                let hour = delta.start.nanoseconds / ToldTerms.hourNanoseconds
                if hour != known { isTold = false }
                newest = max(newest ?? hour, hour)
            }
        }
        if !isTold {
            amounts.terms = plan.objectives[objective].terms
            amounts.terms?.definition = amounts.definition
            if isNews { hours[objective] = newest }
        }
        return amounts
    }
}
