import Foundation
import Objectives
import Statistics
import TelemetryModel

/// One objective's life as an evaluator lives it: slices are applied, event time is advanced, and what changed is
/// published, four times a day. What is left is what compaction leaves: the newest record of each key, and no key that was
/// taken back.
///
/// A process publishes every few seconds, which changes none of the records that are left. Alerts are not judged here: that
/// they were is said to the ledger, as it is after a restart.
struct History {
    /// A record as it lies in the topic.
    struct Record {
        /// The hour in which it was published, by which records of several objectives are in order.
        let hour: Int64
        let key: [UInt8]
        let value: [UInt8]
    }

    static let minute: Int64 = 60_000_000_000
    static let day: Int64 = 1440 * minute
    /// 2026-11-20T00:00:00Z.
    private static let origin: Int64 = 1_795_132_800_000_000_000
    private static let topic = "aws.cloudtrail"

    let index: Int
    let sources: Int32
    /// A minute less than whole days, when most is held: the next minute folds a day.
    let minutes: Int64
    private var generator: SeededGenerator
    private let groupHours: Int64?
    private var ledger: ObjectiveLedger

    /// Two days more than the window has are counted, so that the oldest is forgotten already.
    init(objective index: Int, _ scale: Scale) {
        let days = scale.days
        self.index = index
        (sources, groupHours) = (scale.sources, scale.groupHours)
        minutes = (days + 2) * 1440 - 1
        generator = SeededGenerator(seed: UInt64(index))
        ledger = History.ledger(index, days: days)
        guard groupHours != nil else { return }
        let number = String(index)
        let name = "tenant-" + String(repeating: "0", count: max(0, 7 - number.count)) + number
        ledger = History.whole(days: days).ledger(of: ObjectiveGroup(columns: ["dimensions.tenant"], values: [name]))
    }

    /// What has the groups.
    static func whole(days: Int64) -> ObjectiveLedger {
        var ledger = ObjectiveLedger(
            terms: ObjectiveTerms(
                name: "availability", service: "platform", window: .rolling(nanoseconds: days * day),
                method: .occurrences, target: Ratio(999, 1000), definition: DefinitionFingerprint(rawValue: 1)),
            alerts: ObjectiveAlert.defaults(window: days * day, target: Ratio(999, 1000)))
        ledger.tellsDefinition = true
        return ledger
    }

    /// Without anything in it.
    static func ledger(_ index: Int, days: Int64) -> ObjectiveLedger {
        // A fifth is judged by the minute, so that folded days hold scores.
        let method: BudgetingMethod =
            index % 5 == 4 ? .timeslices(target: Ratio(95, 100), windowNanoseconds: minute) : .occurrences
        return ObjectiveLedger(
            terms: ObjectiveTerms(
                name: "service-\(index / 4)-availability/\(index % 4 + 1)",
                displayName: "Availability of service \(index / 4)", service: "service-\(index / 4)",
                window: .rolling(nanoseconds: days * day), method: method, target: Ratio(999, 1000)),
            alerts: ObjectiveAlert.defaults(window: days * day, target: Ratio(999, 1000)))
    }

    static func end(days: Int64) -> Timestamp { at((days + 2) * 1440 - 1) }

    private static func at(_ minutes: Int64) -> Timestamp { Timestamp(nanoseconds: origin + minutes * minute) }

    /// The records that are left, and the ledger that published them.
    mutating func run() -> (records: [Record], ledger: ObjectiveLedger) {
        var published: [String: (hour: Int64, record: WindowRecord)] = [:]
        let hours = (minutes + 59) / 60
        for hour in 0..<hours {
            // The last owner took over two days before the end.
            ledger.epoch = hour < hours - 48 ? 7 : 8
            count(hour)
            guard hour % 6 == 5 || hour == hours - 1 else { continue }
            let time = History.at(min((hour + 1) * 60, minutes))
            ledger.evaluation.evaluatedEnd = time
            ledger.advance(to: time)
            for record in ledger.takeChangedRecords() { published[record.compactionKey] = (hour, record) }
            for key in ledger.takeSupersededKeys() { published[key] = nil }
        }
        let records = published.sorted { ($0.value.hour, $0.key) < ($1.value.hour, $1.key) }.map {
            Record(hour: $1.hour, key: Array($0.utf8), value: $1.record.json)
        }
        return (records, ledger)
    }

    /// A daily curve around a level of the objective's own, from 200 to 20,000 records a minute. One in a thousand is bad,
    /// and one in twenty in one hour of each day. Every seventh objective has minutes without a record; each has none for
    /// two hours in a week.
    private mutating func count(_ hour: Int64) {
        if let groupHours {
            guard (hour + Int64(index)) % groupHours == 0 else { return }
            let slice = SliceDelta(
                start: History.at(hour * 60 + Int64(index % 60)), good: 99, total: 100, matched: .all)
            note(hour, 0..<1, at: hour)
            return ledger.apply([slice], stamp: 1_000_000 + hour * 977)
        }
        let level = 200 * pow(100, Double(index % 97) / 97) * (1 + 0.5 * sin(Double(hour % 24) / 24 * 2 * .pi))
        let badShare = hour % 24 == Int64(index % 24) ? 0.05 : 0.001
        let isSilent = (hour + Int64(index)) % 168 < 2
        var deltas: [SliceDelta] = []
        deltas.reserveCapacity(64)
        for slice in hour * 60..<min((hour + 1) * 60, minutes) {
            if isSilent || index % 7 == 0 && generator.next() % 8 == 0 { continue }
            let total = Int64(level * Double.random(in: 0.9...1.1, using: &generator))
            let bad = Int64(Double(total) * badShare * Double.random(in: 0...2, using: &generator))
            deltas.append(SliceDelta(start: History.at(slice), good: total - bad, total: total))
        }
        note(hour, 0..<sources, at: hour)
        // Some come late: an hour or two, and once a day two days; a few so late that they are not counted.
        for lateness: Int64 in hour % 24 == 3 ? [1, 2, 48] : [1, 2] where hour >= lateness {
            let slice = (hour - lateness) * 60 + Int64(generator.next() % 60)
            let total = Int64(level / 50)
            deltas.append(SliceDelta(start: History.at(slice), good: total, total: total))
            note(hour, 0..<min(2, sources), at: hour - lateness)
        }
        if hour % 6 == 5 { deltas.append(SliceDelta(start: History.at(hour * 60), good: 0, total: 0, late: 3)) }
        ledger.apply(deltas, stamp: 1_000_000 + hour * 977)
    }

    /// Which records of each source had something in an hour of event time.
    private mutating func note(_ hour: Int64, _ partitions: Range<Int32>, at eventHour: Int64) {
        for partition in partitions {
            let first = 40_000_000 + hour * 61_234 + Int64(partition) * 7919
            ledger.note(
                SourceSpan(
                    source: .kafka(topic: History.topic, partition: partition), first: first, last: first + 61_000),
                at: History.at(eventHour * 60))
        }
    }
}
