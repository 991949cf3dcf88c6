import Foundation
import Objectives
import Reporting
import TelemetryModel
import Text

/// The objectives of one shard of registers, and the partition of windows that holds them.
struct Shard: Sendable {
    /// As many as the inputs have partitions.
    static let count = 12

    let number: Int
    let scale: Scale
    private(set) var ledgers: [ObjectiveLedger] = []

    init(_ number: Int, _ scale: Scale) {
        self.number = number
        self.scale = scale
    }

    private var objectives: StrideTo<Int> { stride(from: number, to: scale.objectives, by: Shard.count) }
    func path(_ folder: String) -> String { "\(folder)/windows-\(number).records" }

    /// Counts the objectives' history and writes what is left of what they published.
    mutating func make(in folder: String) throws {
        var records: [History.Record] = []
        for index in objectives {
            var history = History(objective: index, scale)
            let made = history.run()
            records += made.records
            ledgers.append(made.ledger)
        }
        // Compaction leaves the order in which records were published. It is also the worst order for what a reader
        // remembers, because neighbours are of different objectives.
        let order = records.indices.sorted { (records[$0].hour, $0) < (records[$1].hour, $1) }
        let file = try RecordFile(path(folder), "w")
        for place in order { try file.append(key: records[place].key, value: records[place].value) }
        try file.flush()
    }

    /// Up to when there are counts, and alerts have been judged.
    var end: Timestamp { History.end(days: scale.days) }

    /// As an evaluator begins: objectives without counts.
    var emptyLedgers: [ObjectiveLedger] {
        scale.groupHours == nil
            ? objectives.map { History.ledger($0, days: scale.days) } : [History.whole(days: scale.days)]
    }

    /// Takes what was restored, as an evaluator does.
    mutating func take(_ restored: RestoredPartition) {
        ledgers = restored.ledgers
        if scale.groupHours != nil {
            let whole = History.whole(days: scale.days)
            let groups = restored.former.compactMap { ledger in ledger.terms.group.map { (ledger, $0) } }
            ledgers = groups.sorted { $0.1 < $1.1 }.map { whole.ledger(restored: $0, of: $1) }
        }
        let judged = restored.judgedThrough.compactMap(\.times.least).max()
        for place in ledgers.indices {
            ledgers[place].epoch = 9
            ledgers[place].evaluation.evaluatedEnd = judged
        }
    }

    /// Of the objectives' reports, to compare what was counted with what was restored.
    var reportHash: UInt64 {
        var hash = FNV1a()
        for ledger in ledgers {
            for byte in SLOReport(at: end, ledgers: [ledger]).json { hash.add(byte) }
        }
        return hash.hash
    }

    var heldBytes: Int { ledgers.reduce(0) { $0 + $1.bytes } }
}

/// How much there is.
struct Scale: Sendable {
    var objectives = 10_000
    var days: Int64 = 30
    /// Partitions that each objective's records come from.
    var sources: Int32 = 12
    /// They are groups of one objective, each with a minute of records in so many hours; `nil` for objectives with records in each minute.
    var groupHours: Int64?
}
