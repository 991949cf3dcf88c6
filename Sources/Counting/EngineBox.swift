import Aggregation

/// A rollup's engine behind a reference, because arrays can't hold what can't be copied.
package final class EngineBox {
    package var engine: RollupEngine

    /// - Parameter foldsGroups: see `RollupEngine`.
    init(_ plan: CompiledRollup, foldsGroups: Bool = true) {
        engine = RollupEngine(plan, foldsGroups: foldsGroups)
    }
}
