import Foundation
import Objectives
import TelemetryModel

/// The objectives of one shard of registers, and the partition of windows that holds them.
struct Shard: Sendable {
    /// As many as the inputs have partitions.
    static let count = 12

    let number: Int
    let scale: Scale
    private(set) var ledgers: [ObjectiveLedger] = []
    private(set) var records = 0
    private(set) var bytes = 0

    init(_ number: Int, _ scale: Scale) {
        self.number = number
        self.scale = scale
    }

    private var objectives: StrideTo<Int> { stride(from: number, to: scale.objectives, by: Shard.count) }
    private func path(_ folder: String) -> String { "\(folder)/windows-\(number).records" }

    /// Counts the objectives' history and writes what is left of what they published.
    mutating func make(in folder: String) throws {
        var records: [History.Record] = []
        for index in objectives {
            var history = History(objective: index, days: scale.days, sources: scale.sources)
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

    /// What an evaluator does at its start: every record is read, checked, and taken into its objective's ledger.
    mutating func restore(from folder: String) throws {
        ledgers = objectives.map { History.ledger($0, days: scale.days) }
        let places = Dictionary(uniqueKeysWithValues: ledgers.enumerated().map { ($1.terms.name, $0) })
        let file = try RecordFile(path(folder), "r")
        var reader = WindowRecordReader()
        while let (key, value) = try file.next() {
            let record = try reader.read(value)
            guard let place = places[record.terms.name], ledgers[place].adopt(record) else {
                throw RecordFileError(path: path(folder), reason: "a record that no ledger takes: \(record.key)")
            }
            records += 1
            bytes += key.count + value.count
        }
        for place in ledgers.indices {
            ledgers[place].epoch = 9
            ledgers[place].evaluation.evaluatedEnd = History.end(days: scale.days)
        }
    }

    /// FNV-1a of the objectives' reports, to compare what was counted with what was restored.
    var reportHash: UInt64 {
        ledgers.reduce(0xCBF2_9CE4_8422_2325) { hash, ledger in
            SLOReport(at: History.end(days: scale.days), ledgers: [ledger]).json.reduce(hash) {
                ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3
            }
        }
    }

    var heldBytes: Int { ledgers.reduce(0) { $0 + $1.bytes } }
}

/// How much there is.
struct Scale: Sendable {
    var objectives = 10_000
    var days: Int64 = 30
    /// Partitions that each objective's records come from.
    var sources: Int32 = 12
}
