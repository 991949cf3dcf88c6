import Aggregation

/// A rollup's engine behind a reference, because arrays can't hold what can't be copied.
package final class EngineBox {
    package var engine: RollupEngine

    init(_ plan: RollupPlan) {
        engine = RollupEngine(plan)
    }
}
