import Aggregation
import TelemetryModel

/// The open windows of one rollup's series in one shard, to which updates add.
///
/// A reference, because an engine can't be copied; one shard alone holds it.
final class RollupMerger {
    private var engine: RollupEngine
    private let length: Int64
    /// Where in the shard's log the first amounts of each open window are.
    private var openSince: [Timestamp: Int64] = [:]
    /// Windows that end by then were judged; what comes for them later is counted and dropped.
    private(set) var closedBefore: Timestamp?
    private(set) var lateCells = 0
    /// Cells that another definition of the rollup made: they fit none of its groups and measures.
    private(set) var foreignCells = 0

    /// - Parameter closedBefore: windows that end by then were judged before a restart.
    init(plan: CompiledRollup, closedBefore: Timestamp?) {
        engine = RollupEngine(plan)
        length = plan.definition.windowNanoseconds
        self.closedBefore = closedBefore
    }

    /// Cells that went into `(other)` because there were as many groups as may be.
    var foldedCells: Int { Int(clamping: engine.counters.foldedCells) }

    /// The first offset of the log whose amounts are in no closed window.
    var unpublishedSince: Int64? { openSince.values.min() }

    func add(_ change: RollupChange, at offset: Int64) {
        if let closedBefore, change.windowStart.advanced(by: length) <= closedBefore {
            lateCells += 1
            return
        }
        guard engine.restore(change) else {
            foreignCells += 1
            return
        }
        if openSince[change.windowStart] == nil { openSince[change.windowStart] = offset }
    }

    /// Hands over the windows that end by `time`, in their order.
    func close(before time: Timestamp, _ body: (RollupWindow) -> Void) {
        if let closedBefore, closedBefore >= time { return }
        closedBefore = time
        for start in openSince.keys.filter({ $0.advanced(by: length) <= time }).sorted() {
            openSince[start] = nil
            if let window = engine.takeWindow(start) { body(window) }
        }
    }
}
