import TelemetryModel

/// The ledgers of objectives whose window records lie in one partition, as its records say, in the order in which they
/// are given.
///
/// An objective's records all lie in one partition: what a ledger holds in the end depends on that partition alone.
public struct RestoredPartition: Sendable {
    /// Records that were read.
    public private(set) var records = 0
    public let partition: Int32
    /// The first record that could not be read.
    public private(set) var failure: (offset: Int64, error: WindowRecordError)?
    /// Records that were skipped because their slices were cut otherwise, or another method downsampled them, by objective.
    public private(set) var superseded: [String: Int] = [:]
    private var histories: RestoredHistories
    /// By the histories' places.
    private var judged: [EventTimes?] = []
    /// Of objectives that are not wanted.
    private var othersJudged: [String: EventTimes] = [:]
    private var reader = WindowRecordReader()

    /// - Parameters:
    ///   - ledgers: of objectives with different names, without counts.
    ///   - isOwn: whether the history of an objective of this name is wanted that none of the ledgers is of.
    public init(
        _ partition: Int32, _ ledgers: [ObjectiveLedger], isOwn: @escaping @Sendable (String) -> Bool = { _ in false }
    ) {
        self.partition = partition
        histories = RestoredHistories(ledgers, isOwn: isOwn)
    }

    /// Takes the bytes of a record, and up to when its shard's slices had been judged when it was written.
    ///
    /// Skipped are records of objectives that are not wanted, or whose slices are no longer cut as they were.
    public mutating func take(_ bytes: [UInt8], judgedThrough times: EventTimes?, offset: Int64) {
        let record: WindowRecord
        do {
            record = try reader.read(bytes)
        } catch {
            failure = failure ?? (offset, error)
            return
        }
        records += 1
        guard let place = histories.place(of: record.terms) else {
            let name = record.terms.name
            if let times { othersJudged[name, default: EventTimes()].advance(to: times) }
            return
        }
        if let times {
            while judged.count <= place { judged.append(nil) }
            var known = judged[place] ?? times
            known.advance(to: times)
            judged[place] = known
        }
        if !histories.adopt(record, at: place) { superseded[record.terms.name, default: 0] += 1 }
    }

    /// To be called when all records were taken: only then it is known to which definition those belong that don't tell.
    public mutating func finish() { histories.settleUnbound() }

    /// Those that were given, in their order.
    public var ledgers: [ObjectiveLedger] { histories.present }
    /// Of other definitions, and of other objectives, in the order in which their records came.
    public var former: [ObjectiveLedger] { histories.former }

    /// Those of which there were records that are wanted, with others that have no ledger any more.
    public var recorded: Set<String> {
        Set(histories.ledgers.lazy.filter(\.hasBlocks).map(\.terms.name)).union(superseded.keys)
    }

    /// Up to when the slices of objectives' shards had been judged, in no order; for each history of an objective.
    public var judgedThrough: [(objective: String, times: EventTimes)] {
        judged.enumerated().compactMap { place, times in times.map { (histories.ledgers[place].terms.name, $0) } }
            + othersJudged.map { ($0.key, $0.value) }
    }
}
