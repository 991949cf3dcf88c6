import Alerting
import Sinks
import Statistics
import TelemetryModel

/// The alert feed of an afternoon in which a sink is away for an hour: what is written when, by one seed.
struct OutageFeed {
    static let partitions: Int32 = 3
    static let start = Timestamp(nanoseconds: 1_795_168_800_000_000_000)
    /// Seconds from the start in which the sink answers 500.
    static let outage = 3_600.0..<7_200.0
    /// The last transition lies before.
    static let end = 10_000.0

    struct Entry {
        /// When it is in the topic, in seconds from the start.
        let written: Double
        let record: FeedRecord
    }

    /// By partition, in order.
    private(set) var entries: [Int32: [Entry]] = [:]
    private(set) var history = FeedHistory()

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var written: [(at: Double, change: FeedHistory.Change, key: DedupKey, epoch: Int64)] = []
        for index in 0..<8 {
            let key = DedupKey(kind: "slo", name: "k\(index)")
            var second = 200.0 + 600 * random.unit()
            var isOpen = true
            while second < Self.end {
                let change = FeedHistory.Change(
                    isOpen: isOpen, time: Self.start.advanced(by: Int64(second) * 1_000_000_000))
                let at = second + 1 + 30 * random.unit()
                let epoch = Int64(2 + Int(at) / 2_500)
                written.append((at, change, key, epoch))
                // An evaluator that was declared dead writes late what its successor has written, or the other way round.
                if random.chance(0.2) {
                    let other = random.chance(0.7) ? epoch - 1 : epoch + 1
                    written.append((at + 1_800 * random.unit(), change, key, other))
                }
                isOpen.toggle()
                second += 90 + (random.chance(0.5) ? 300 : 2_400) * random.unit()
            }
        }
        for (number, entry) in written.sorted(by: { $0.at < $1.at }).enumerated() {
            let partition = Int32(entry.key.text.utf8.reduce(0) { $0 &+ Int($1) } % Int(Self.partitions))
            history.add(entry.change, of: entry.key.text, epoch: entry.epoch, at: "\(number)")
            let transition = AlertTransition(
                alert: Alert(
                    dedupKey: entry.key, severity: .critical, status: entry.change.isOpen ? .open : .resolved,
                    summary: "it burns", source: "shop", time: entry.change.time, openedAt: entry.change.time),
                reason: "because")
            let record = FeedRecord(
                partition: partition, offset: Int64(entries[partition]?.count ?? 0),
                writtenAt: Self.start.advanced(by: Int64(entry.at * 1e9)), epoch: entry.epoch, transition: transition,
                value: transition.json)
            entries[partition, default: []].append(Entry(written: entry.at, record: record))
        }
    }
}
