import Accounting
import Evaluation
import Records
import Statistics
import TelemetryModel

/// A record of a shard's log.
struct LogEntry {
    /// The number of its source partition.
    let source: Int
    let json: [UInt8]
    /// The release that counted it.
    let release: Int
}

/// A partition of a topic of which the broker may keep no more than the last record of each key.
struct CompactedPartition {
    struct Record {
        let offset: Int
        let key: String
        /// `nil` takes another back.
        let value: [UInt8]?
        /// What stands in the header of a window record.
        let judgedThrough: EventTimes?
        /// What stands in the header of an alert.
        let epoch: OwnerEpoch
    }

    private(set) var records: [Record] = []
    private(set) var end = 0

    mutating func append(
        _ key: String, _ value: [UInt8]?, judgedThrough: EventTimes? = nil, epoch: OwnerEpoch = OwnerEpoch(rawValue: 0)
    ) -> Int {
        records.append(Record(offset: end, key: key, value: value, judgedThrough: judgedThrough, epoch: epoch))
        end += 1
        return end - 1
    }

    /// Drops, from the records before `limit`, those that a later record replaces, and those that have taken all before back.
    mutating func compact(before limit: Int) {
        var last: [String: Int] = [:]
        for record in records { last[record.key] = record.offset }
        records.removeAll { $0.offset < limit && (last[$0.key] != $0.offset || $0.value == nil) }
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

/// The topics that evaluators write.
enum ResultTopic: Int, CaseIterable {
    case checkpoints, windows, alerts

    init(of record: ResultRecord) {
        switch record {
        case .alert, .supersededAlert: self = .alerts
        case .window, .supersededWindow: self = .windows
        case .state, .checkpoint, .alertState: self = .checkpoints
        }
    }
}

/// What a process has sent and not heard of. Each lane (a partition of a topic) keeps the order of sends; acknowledgements
/// come in any order, or not at all.
final class SimulatedProducer {
    enum Payload {
        case entry(LogEntry)
        case result(ResultRecord, value: [UInt8]?)
    }

    struct Send {
        let payload: Payload
        let sequence: Int
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
    /// By lane, how often what is first there is still passed over.
    private var heldUp: [Int]
    /// Of the last record sent.
    private(set) var lastSequence = 0
    private var pending: Set<Int> = []
    /// By lane: the last offset that was acknowledged.
    private var delivered: [Int]
    /// Its process is there to hear of acknowledgements.
    private(set) var isAlive = true

    init(name: String, lanes: Int) {
        self.name = name
        heldUp = Array(repeating: 0, count: lanes)
        queues = Array(repeating: [], count: lanes)
        delivered = Array(repeating: -1, count: lanes)
    }

    var isIdle: Bool { queues.allSatisfy(\.isEmpty) }
    var isOver: Bool { !isAlive && isIdle }

    func send(_ payload: Payload, lane: Int) {
        lastSequence += 1
        pending.insert(lastSequence)
        queues[lane].append(Send(payload: payload, sequence: lastSequence))
    }

    func isAcknowledged(through sequence: Int) -> Bool { !pending.contains { $0 <= sequence } }

    /// By lane: an offset that lies before all that is sent from now on.
    var logEnds: [Int64] { delivered.map { Int64($0 + 1) } }

    /// What is sent to a lane takes long to arrive.
    func holdUp(_ lane: Int, turns: Int) { heldUp[lane] = turns }

    func isPassedOver(_ lane: Int) -> Bool {
        if heldUp[lane] == 0 { return false }
        heldUp[lane] -= 1
        return true
    }

    func takeFirst(lane: Int) -> Send { queues[lane].removeFirst() }

    func appended(_ send: Send, lane: Int, at offset: Int) {
        if isAlive { receipts.append(Receipt(lane: lane, send: send, offset: offset)) }
    }

    /// One of the receipts arrives. One that is lost makes the producer send the same again.
    func settle(_ index: Int, isLost: Bool) {
        let receipt = receipts.remove(at: index)
        if isLost {
            queues[receipt.lane].append(receipt.send)
        } else {
            pending.remove(receipt.send.sequence)
            delivered[receipt.lane] = max(delivered[receipt.lane], receipt.offset)
        }
    }

    /// Its process is gone: of what was on its way any first part of each lane may still arrive.
    func die(_ random: inout SeededGenerator) {
        receipts = []
        isAlive = false
        for lane in queues.indices where !queues[lane].isEmpty {
            queues[lane].removeLast(random.below(queues[lane].count + 1))
        }
    }
}
