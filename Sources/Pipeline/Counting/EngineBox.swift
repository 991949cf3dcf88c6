import Aggregation

/// A rollup's engine behind a reference, because arrays can't hold what can't be copied.
final class EngineBox {
    var engine: RollupEngine

    init(_ plan: RollupPlan) {
        engine = RollupEngine(plan)
    }
}
