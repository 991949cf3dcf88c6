import TelemetryModel

/// Good and total of one objective, slice by slice of event time, and the state of its alerts.
///
/// A value type without clock or I/O: what it answers is a function of the counts it was given, and not of the order or
/// the number of calls that gave them.
///
/// Blocks are kept sorted and only where there is data, so that memory follows the data and not the span of time between
/// its first and last event. A block of sixty minutes takes about 350 bytes where totals stay below 65,536 a minute, so
/// thirty days of it 250 KB. A ledger that is told how event time moves on (`advance`) downsamples what is older than
/// `fineNanoseconds` into quarter hours and takes about 85 KB; one that is not, as in a replay of files, keeps every slice.
/// Sums over a look-back take whole blocks at once, about 190 additions for three days.
public struct ObjectiveLedger: Sendable {
    /// Four days: the three within which late data is counted, which is also the longest look-back of the default alerts, and one more.
    public static let fineNanosecondsDefault: Int64 = 4 * 86_400_000_000_000

    public internal(set) var terms: ObjectiveTerms
    public let alerts: [ObjectiveAlert]
    /// For how long nothing must have been counted for some alert to open, the shortest first.
    let silences: [Int64]
    /// What is selected; empty where that is not known, as where a history is put together from records.
    public internal(set) var selectorParts: SelectorParts
    /// The places of alerts that a provisional judgement may open.
    let provisionalAlerts: [Int]
    /// How far back slices are kept at least; not shorter than what an alert asks about at once: its longest look-back, as of all of the time for which
    /// it is kept firing.
    public let fineNanoseconds: Int64
    /// Which assignment of the objective publishes this ledger's records; `nil` in a replay.
    public var epoch: Int64?
    /// Whether records say by which definition was counted: where the newer form is written, and always once any does.
    public var tellsDefinition = false
    public var evaluation: AlertEvaluation
    /// How slices are judged; `nil`: once, over all that is counted by then.
    public var judgement: JudgementTerms?
    /// What arrived when its slice was over, as long as some judgement may have to leave it out: a part of what `blocks` hold.
    var later = LaterArrivals()
    /// How many slices after its own something in `later` arrived, at most: of slices older than that a judgement leaves nothing out.
    var laterDelayMax: Int64 = 0
    /// A slice was found burning since `takeHasBurnt`, of an alert that is open: a restart has to bring back which.
    var hasBurnt = false
    /// How far event time has come by the log, which after a restart is behind what was judged.
    var reachedSlice = Int64.min
    /// While a slice is judged: what the judgement leaves out.
    var view: JudgementView?
    public internal(set) var unjudged = UnjudgedRecords()
    /// Of a group in a report: since when records of the objective's inputs were read, be they of other groups.
    var inputsReadSince: Timestamp?
    let grid: SliceGrid
    /// In event-time order.
    var blocks: [SliceBlock] = []
    /// In event-time order. Where a slice lies in one of these, it may lie in one of `blocks` as well only while
    /// `isUnsettled`, or where the cell is empty because its sums would leave 64 bits.
    var downsampled: [DownsampledBlock] = []
    var sources = SourceTable()
    /// By the block that holds the time at which each was noticed.
    var unread: [(block: Int64, span: UnreadSpan)] = []
    /// Indices of the blocks that are marked as changed, in no order.
    var changedBlocks: [Int64] = []
    var changedDownsampled: [Int64] = []
    /// Keys of records that others have superseded, and that are to be taken back.
    var superseded: [String] = []
    /// Records of other owners that are to be taken back later.
    var outlived: [OutlivedRecord] = []
    /// Records were restored of slices both downsampled and not.
    var isUnsettled = false

    public init(
        objective: ServiceLevelObjective, definition: DefinitionFingerprint? = nil,
        fineNanoseconds: Int64 = fineNanosecondsDefault
    ) {
        var terms = objective.terms
        terms.definition = definition
        self.init(
            terms: terms, alerts: objective.alerts, selectorParts: objective.selectorParts,
            fineNanoseconds: fineNanoseconds)
    }

    /// The window is above 0 and a time slice has a second or more.
    public init(
        terms: ObjectiveTerms, alerts: [ObjectiveAlert] = [], selectorParts: SelectorParts = [],
        fineNanoseconds: Int64 = fineNanosecondsDefault
    ) {
        precondition(terms.window.nominalNanoseconds > 0, "a compliance window is longer than nothing")
        self.terms = terms
        self.alerts = alerts
        self.selectorParts = selectorParts
        silences = Set(alerts.flatMap(\.condition.silences)).sorted()
        provisionalAlerts = alerts.indices.filter { alerts[$0].opensProvisionally }
        self.fineNanoseconds = alerts.reduce(fineNanoseconds) { max($0, $1.reachNanoseconds) }
        grid = SliceGrid(lengthNanoseconds: terms.method.sliceNanoseconds)
        evaluation = AlertEvaluation(alerts: alerts.count)
    }

    public var sliceNanoseconds: Int64 { grid.lengthNanoseconds }

    /// The end of the newest slice that holds data, or of its cell where only that is left, at which a report shows all
    /// there is; `nil` without data.
    public var dataEnd: Timestamp? {
        for block in blocks.reversed() where block.sum.slices + block.sum.inconsistent > 0 {
            for slot in stride(from: SliceBlock.slots - 1, through: 0, by: -1) where block.isFilled(slot) {
                return grid.start(of: block.firstSlice + Int64(slot) + 1)
            }
        }
        for block in downsampled.reversed() where block.sum.slices + block.sum.inconsistent > 0 {
            for slot in stride(from: block.cellCount - 1, through: 0, by: -1) where block.cell(slot).isFilled {
                return grid.start(of: block.slices(slot).upperBound)
            }
        }
        return nil
    }

    /// Counts of the slice that holds `time`, without good and total where they contradict each other; nothing for a slice
    /// that was downsampled.
    public func counts(at time: Timestamp) -> SliceCounts {
        let slice = grid.slice(holding: time)
        guard let place = place(ofBlockHolding: slice) else { return SliceCounts() }
        return blocks[place].counts(Int(slice - blocks[place].firstSlice)).summed
    }

    /// Restates the slice that holds `time`: the counts replace what was there, however often they are given.
    public mutating func set(_ counts: SliceCounts, at time: Timestamp) throws(LedgerError) {
        if counts.hasNegative { throw .negative(counts) }
        try replace(counts, at: grid.slice(holding: time))
    }

    /// Adds to the slice that holds `time`.
    public mutating func add(_ counts: SliceCounts, at time: Timestamp) throws(LedgerError) {
        if counts.hasNegative { throw .negative(counts) }
        let slice = grid.slice(holding: time)
        var held = SliceCounts()
        if let place = place(ofBlockHolding: slice) {
            held = blocks[place].counts(Int(slice - blocks[place].firstSlice))
        }
        guard let sum = held.adding(counts) else { throw .overflow(held: held, added: counts) }
        try replace(sum, at: slice)
    }

    /// Remembers that records of `span` were read in the block of slices that holds `time`, none of them before that slice.
    public mutating func note(_ span: SourceSpan, at time: Timestamp) {
        settle()
        let slice = grid.slice(holding: time)
        let packed = PackedSpans.Span(place: sources.place(of: span.source), first: span.first, last: span.last)
        if place(ofBlockHolding: slice) == nil, let place = place(ofDownsampledHolding: slice) {
            if downsampled[place].note(packed) { markDownsampledChanged(place) }
            return
        }
        let place = insertedPlace(ofBlockHolding: slice)
        let isEarlier = blocks[place].noteRead(Int(slice - blocks[place].firstSlice))
        if blocks[place].note(packed) || isEarlier { markChanged(place) }
    }

    /// Remembers that records were gone before they were read, as was noticed when event time was `time`.
    public mutating func note(_ gap: UnreadSpan, at time: Timestamp) {
        settle()
        let slice = grid.slice(holding: time)
        let index = floorDivided(slice, by: Int64(SliceBlock.slots))
        if unread.contains(where: { $0.block == index && $0.span == gap }) { return }
        unread.append((index, gap))
        if place(ofBlockHolding: slice) == nil, let place = place(ofDownsampledHolding: slice) {
            markDownsampledChanged(place)
        } else {
            markChanged(insertedPlace(ofBlockHolding: slice))
        }
    }

    /// Memory held by the counts, in bytes.
    public var bytes: Int {
        var bytes = MemoryLayout<ObjectiveLedger>.stride + sources.bytes
        if !blocks.isEmpty { bytes += (blocks.capacity - blocks.count) * MemoryLayout<SliceBlock>.stride + 32 }
        if !downsampled.isEmpty {
            bytes += (downsampled.capacity - downsampled.count) * MemoryLayout<DownsampledBlock>.stride + 32
        }
        bytes = blocks.reduce(bytes) { $0 + $1.bytes }
        return downsampled.reduce(bytes) { $0 + $1.bytes }
    }

    private mutating func replace(_ counts: SliceCounts, at slice: Int64) throws(LedgerError) {
        settle()
        if place(ofBlockHolding: slice) == nil {
            if counts.isZero { return }
            if place(ofDownsampledHolding: slice) != nil { throw .downsampled(grid.start(of: slice)) }
        }
        let place = insertedPlace(ofBlockHolding: slice)
        let slot = Int(slice - blocks[place].firstSlice)
        guard blocks[place].counts(slot) != counts else { return }
        blocks[place].unmatched = []
        blocks[place].restate(slot, counts, method: terms.method)
        markChanged(place)
    }
}
