import Accounting

typealias Entry = ShardEntry<Amounts>

/// A topic of which the broker may keep no more than the last record of each key.
struct CompactedTopic<Value> {
    struct Record {
        let offset: Int
        let key: String
        let value: Value
    }

    private(set) var records: [Record] = []
    private(set) var end = 0

    mutating func append(_ value: Value, key: String) -> Int {
        records.append(Record(offset: end, key: key, value: value))
        end += 1
        return end - 1
    }

    /// Drops, from the records before `limit`, those that a later record replaces.
    mutating func compact(before limit: Int) {
        var last: [String: Int] = [:]
        for record in records { last[record.key] = record.offset }
        records.removeAll { $0.offset < limit && last[$0.key] != $0.offset }
    }

    /// The index of the first record at `offset` or behind it.
    func index(from offset: Int) -> Int {
        var low = 0
        var high = records.count
        while low < high {
            let middle = (low + high) / 2
            if records[middle].offset < offset { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

struct WindowRecord {
    let block: Int
    let stamp: Int64
    let epoch: Int
    let counts: SIMD8<Int32>
}

struct MonitorRecord {
    let index: Int
    let stamp: Int64
    let epoch: Int
    let state: Monitor
}

struct CheckpointRecord {
    let epoch: Int
    let checkpoint: ShardCheckpoint
}

/// What evaluators of one shard publish.
struct ResultTopics {
    var alerts = CompactedTopic<Alert>()
    var monitors = CompactedTopic<MonitorRecord>()
    var windows = CompactedTopic<WindowRecord>()
    var checkpoints = CompactedTopic<CheckpointRecord>()

    /// The newest checkpoint.
    var checkpoint: ShardCheckpoint? {
        checkpoints.records.max {
            ($0.value.checkpoint.next, $0.value.epoch) < ($1.value.checkpoint.next, $1.value.epoch)
        }?
        .value.checkpoint
    }
}

enum Payload {
    case entry(Entry)
    case alert(Alert)
    case monitor(MonitorRecord)
    case window(WindowRecord)
    case checkpoint(CheckpointRecord)
}

/// What a thread has sent and not heard of. Each lane (a partition of a topic) keeps the order of sends; acknowledgements
/// come in any order, or not at all.
final class ModelProducer {
    struct Send {
        let payload: Payload
        /// What its sender knows it by.
        let tag: Int
    }

    struct Receipt {
        let lane: Int
        let send: Send
        let offset: Int
    }

    /// By lane: sent, and not in the log yet.
    private(set) var queues: [[Send]]
    /// In the log, and not acknowledged yet.
    private(set) var receipts: [Receipt] = []
    let name: String
    /// The shard whose results it writes; `nil` for one that writes to the shards' logs.
    let shard: Int?
    /// Hears of acknowledgements; `nil` once its process is gone.
    var deliver: ((Receipt) -> Void)?

    init(name: String, lanes: Int, shard: Int?) {
        self.name = name
        self.shard = shard
        queues = Array(repeating: [], count: lanes)
    }

    var isIdle: Bool { queues.allSatisfy(\.isEmpty) }

    func send(_ payload: Payload, lane: Int, tag: Int) {
        queues[lane].append(Send(payload: payload, tag: tag))
    }

    func takeFirst(lane: Int) -> Send { queues[lane].removeFirst() }

    func appended(_ send: Send, lane: Int, at offset: Int) {
        if deliver == nil { return }
        receipts.append(Receipt(lane: lane, send: send, offset: offset))
    }

    func takeReceipt(_ index: Int) -> Receipt { receipts.remove(at: index) }

    /// Its process is gone: of what was on its way any first part of each lane may still arrive.
    func die(_ generator: inout SeededGenerator) {
        receipts = []
        deliver = nil
        for lane in queues.indices where !queues[lane].isEmpty {
            queues[lane].removeLast(generator.below(queues[lane].count + 1))
        }
    }
}
