import Records
import TelemetryModel

/// What the topic of checkpoints says of some shards: of each thing what the owner says who has read furthest.
package struct Checkpoints: Sendable {
    package private(set) var evaluators: [Int32: ShardCheckpointRecord] = [:]
    /// By shard and series.
    package private(set) var states: [Int32: [String: any StateRecord]] = [:]
    package private(set) var alerts = AlertStates()
    /// The first record that could not be read.
    package private(set) var unreadable: UnreadableRecord?
    /// Where reading ended, by partition of the topic.
    package var readThrough: [Int32: Int64] = [:]
    private let shards: Set<Int32>
    private let forms: [any StateRecord.Type]

    /// - Parameter kinds: whose states are read.
    package init(of shards: Set<Int32>, kinds: [any EvaluatedKind.Type] = EvaluatedKinds.all) {
        self.shards = shards
        forms = kinds.compactMap { $0.stateRecord }
    }

    /// Takes the topic's records, in any order.
    package mutating func read(_ json: [UInt8], at place: TopicPlace) {
        do { take(try CheckpointRecord(json: json, states: forms)) } catch {
            unreadable = unreadable ?? UnreadableRecord(place, "\(error)")
        }
    }

    private mutating func take(_ record: CheckpointRecord) {
        switch record {
        case .evaluator(let record):
            guard shards.contains(record.shard) else { return }
            if evaluators[record.shard].map({ record.isNewer(than: $0) }) ?? true { evaluators[record.shard] = record }
        case .alerts(let record):
            if shards.contains(record.place.shard) { alerts.take(record) }
        case .state(let record): if shards.contains(record.shard) { take(record) }
        }
    }

    private mutating func take<Record: StateRecord>(_ record: Record) {
        let series = record.series
        if let held = states[record.shard]?[series] as? Record, !record.isNewer(than: held) { return }
        states[record.shard, default: [:]][series] = record
    }
}
