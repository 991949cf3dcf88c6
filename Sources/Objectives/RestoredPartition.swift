import TelemetryModel

/// The ledgers of objectives whose window records lie in one partition, as its records say, in the order in which they
/// are given.
///
/// An objective's records all lie in one partition: what a ledger holds in the end depends on that partition alone.
public struct RestoredPartition: Sendable {
    public private(set) var ledgers: [ObjectiveLedger]
    /// Records that were read.
    public private(set) var records = 0
    public let partition: Int32
    /// The first record that could not be read.
    public private(set) var failure: (offset: Int64, error: WindowRecordError)?
    /// Records that were passed over because their slices were cut otherwise, or another method folded them, by objective.
    public private(set) var superseded: [String: Int] = [:]
    private let places: [String: Int]
    /// Beside `ledgers`.
    private var judged: [Timestamp?]
    /// Of objectives that have no ledger here.
    private var othersJudged: [String: Timestamp] = [:]
    private var reader = WindowRecordReader()

    /// - Parameter ledgers: of objectives with different names, without counts.
    public init(_ partition: Int32, _ ledgers: [ObjectiveLedger]) {
        self.partition = partition
        self.ledgers = ledgers
        places = Dictionary(uniqueKeysWithValues: ledgers.enumerated().map { ($1.terms.name, $0) })
        judged = Array(repeating: nil, count: ledgers.count)
    }

    /// Takes the bytes of a record, and up to when the objective's slices had been judged when it was written.
    ///
    /// Passed over are records of objectives that have no ledger here, or whose slices are no longer cut as they were.
    public mutating func take(_ bytes: [UInt8], judgedThrough time: Timestamp?, offset: Int64) {
        let record: WindowRecord
        do {
            record = try reader.read(bytes)
        } catch {
            failure = failure ?? (offset, error)
            return
        }
        records += 1
        guard let place = places[record.terms.name] else {
            if let time { othersJudged[record.terms.name] = max(othersJudged[record.terms.name] ?? time, time) }
            return
        }
        if let time { judged[place] = max(judged[place] ?? time, time) }
        if !ledgers[place].adopt(record) { superseded[record.terms.name, default: 0] += 1 }
    }

    /// Up to when each objective's slices had been judged, in no order.
    public var judgedThrough: [(objective: String, time: Timestamp)] {
        zip(ledgers, judged).compactMap { ledger, time in time.map { (ledger.terms.name, $0) } }
            + othersJudged.map { ($0.key, $0.value) }
    }
}
