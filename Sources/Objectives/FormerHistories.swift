import TelemetryModel

/// Histories that the present resources don't define: of objectives that were removed or are not known here yet, and of
/// definitions that were changed.
///
/// Members of one consumer may have different resources for a while, and what one of them counts must not be lost because the
/// one that evaluates doesn't know it. So its counts are kept and published under its definition, though no alert is judged by them.
///
/// **Removal.** What nobody counts any more goes: a history whose newest slice with data ended longer ago, in event time, than
/// its window and the three days within which late events count, thirty days at least, is taken out, and its records are taken back. No report's window
/// reaches it then, also if the definition came back.
public struct FormerHistories: Sendable {
    public private(set) var ledgers: [ObjectiveLedger] = []
    private var places: [ObjectiveHistory: Int] = [:]
    private var removedKeys: [(objective: String, key: String)] = []
    /// How many were removed so far.
    public private(set) var removed = 0
    /// Adds that belong to a history of which not even the slices are known.
    public private(set) var unknownAmounts = 0
    private var epoch: Int64?
    /// What is promised, without a group.
    private var known: [ObjectiveHistory: ObjectiveTerms] = [:]

    private static let dayNanoseconds: Int64 = 86_400_000_000_000

    public init() {}

    /// Takes a history as it was restored.
    public mutating func restore(_ ledger: ObjectiveLedger) {
        if ledger.terms.definition != nil {
            var terms = ledger.terms
            (terms.group, terms.foldedFrom) = (nil, nil)
            known[terms.history] = terms
        }
        if let place = places[ledger.terms.history] {
            ledgers[place] = ledger
        } else {
            places[ledger.terms.history] = ledgers.count
            ledgers.append(ledger)
        }
    }

    /// The one that records which don't tell their definition belong to; `nil` where none of these says so.
    public func heir(of objective: String) -> ObjectiveHistory? {
        ledgers.filter { $0.terms.name == objective && $0.terms.adoptsUnbound }.min { $0.rank < $1.rank }?.terms.history
    }

    /// Adds to a history's slices.
    ///
    /// - Parameter terms: what its objective promises, where the history may be new.
    public mutating func add(
        _ deltas: [SliceDelta], to history: ObjectiveHistory, terms: ObjectiveTerms?, stamp: Int64?
    ) {
        guard let place = places[history] ?? begin(history, terms) else {
            unknownAmounts += 1
            return
        }
        ledgers[place].apply(deltas, stamp: stamp)
    }

    private mutating func begin(_ history: ObjectiveHistory, _ terms: ObjectiveTerms?) -> Int? {
        let whole = ObjectiveHistory(objective: history.objective, definition: history.definition)
        if let terms, terms.history == whole { known[whole] = terms }
        // Terms are told with an hour's first counts, in which a group that comes later is not.
        guard var terms = known[whole] else { return nil }
        terms.group = history.group
        var ledger = ObjectiveLedger(terms: terms)
        ledger.tellsDefinition = terms.definition != nil
        ledger.epoch = epoch
        places[history] = ledgers.count
        ledgers.append(ledger)
        return ledgers.count - 1
    }

    /// Remembers which records of a source had events in an hour of event time.
    public mutating func note(_ span: SourceSpan, hour: Timestamp, for history: ObjectiveHistory) {
        if let place = places[history] { ledgers[place].note(span, at: hour) }
    }

    /// Downsamples what is old, and removes the histories that no window reaches any more.
    public mutating func advance(to time: Timestamp) {
        for place in ledgers.indices {
            if let end = ledgers[place].dataEnd { ledgers[place].advance(to: min(time, end)) }
        }
        let over = ledgers.filter { isOver($0, at: time) }
        if over.isEmpty { return }
        for ledger in over { removedKeys += ledger.recordKeys.map { (ledger.terms.name, $0) } }
        removed += over.count
        ledgers = ledgers.filter { !isOver($0, at: time) }
        places = Dictionary(uniqueKeysWithValues: ledgers.enumerated().map { ($1.terms.history, $0) })
        let wholes = Set(ledgers.map { ObjectiveHistory(objective: $0.terms.name, definition: $0.terms.definition) })
        known = known.filter { wholes.contains($0.key) }
    }

    private func isOver(_ ledger: ObjectiveLedger, at time: Timestamp) -> Bool {
        let day = FormerHistories.dayNanoseconds
        guard let end = ledger.dataEnd ?? ledger.blocksEnd else { return true }
        let reached = ledger.terms.window.range(at: time).lowerBound.advanced(by: -3 * day)
        return end < min(reached, time.advanced(by: -30 * day))
    }

    public mutating func takeChangedRecords() -> [WindowRecord] {
        ledgers.indices.flatMap { ledgers[$0].takeChangedRecords() }
    }

    /// Keys of records to take back, with their objectives.
    public mutating func takeSupersededKeys() -> [(objective: String, key: String)] {
        defer { removedKeys = [] }
        return removedKeys
            + ledgers.indices.flatMap { place in
                ledgers[place].takeSupersededKeys().map { (ledgers[place].terms.name, $0) }
            }
    }

    /// Which assignment publishes their records from now on.
    public mutating func setEpoch(_ epoch: Int64) {
        self.epoch = epoch
        for place in ledgers.indices { ledgers[place].epoch = epoch }
    }
}

extension ObjectiveLedger {
    /// The keys of all records that are or may be published, those that were superseded included.
    package var recordKeys: [String] {
        superseded + outlived.map(\.key) + downsampled.filter { $0.version.epoch != .min }.map(key)
            + blocks.filter { $0.version.epoch != .min }.map(key)
    }

    /// The end of the newest block, whether it holds counts or not.
    var blocksEnd: Timestamp? {
        [blocks.last?.slices.upperBound, downsampled.last?.slices.upperBound].compactMap(\.self).max().map(grid.start)
    }
}
