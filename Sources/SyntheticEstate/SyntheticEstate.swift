import Statistics
import TelemetryModel

/// A made-up AWS estate that speaks like a real one: a web shop behind a load balancer in three Availability Zones,
/// its network, and the API calls of the people and machines that run it.
///
/// Events are made minute by minute and handed out in the order of their *delivery*, which trails event time as the
/// real sources do: metrics by up to two minutes, flow logs and CloudTrail by up to four. Each kind draws from a
/// random stream of its own, so leaving one out does not change the others.
public struct SyntheticEstate: Sendable {
    static let minute: Int64 = 60 * Timestamp.nanosecondsPerSecond

    public let settings: EstateSettings
    public private(set) var ledger = EstateTotals()
    /// Minutes handed out so far, the tail after the last event included.
    public private(set) var deliveredMinutes = 0

    private struct Pending {
        let deliverySecond: Int
        let sequence: Int
        let record: GeneratedRecord
    }

    private var pending: [Int: [Pending]] = [:]
    private var sequence = 0
    private var cloudTrailRandom: SeededGenerator
    private var flowLogRandom: SeededGenerator
    private var metricRandom: SeededGenerator
    private var delayRandom: SeededGenerator
    let inventory: EstateInventory

    public init(settings: EstateSettings) {
        precondition(settings.minutes > 0, "an estate lasts at least a minute")
        self.settings = settings
        var root = SeededGenerator(seed: settings.seed)
        inventory = EstateInventory(random: root.split(), instances: settings.instances)
        cloudTrailRandom = root.split()
        flowLogRandom = root.split()
        metricRandom = root.split()
        delayRandom = root.split()
        ledger.incidents = ScheduledIncident.all(of: settings, in: inventory)
    }

    /// The records delivered in the next minute, in order; `nil` after the last.
    public mutating func nextMinute() -> [GeneratedRecord]? {
        let minute = deliveredMinutes
        if minute >= settings.minutes, pending.isEmpty { return nil }
        if minute < settings.minutes { make(minute: minute) }
        deliveredMinutes += 1
        let due = (pending.removeValue(forKey: minute) ?? []).sorted {
            ($0.deliverySecond, $0.sequence) < ($1.deliverySecond, $1.sequence)
        }
        return due.map(\.record)
    }

    /// What the incident strikes in that minute.
    func targets(of incident: Incident, in minute: Int) -> [String] {
        ledger.incidents.filter { $0.incident == incident && $0.minutes.contains(minute) }.map(\.target)
    }

    func time(minute: Int, second: Int) -> Timestamp {
        settings.start.advanced(by: Int64(minute) * SyntheticEstate.minute + Int64(second) * 1_000_000_000)
    }

    private mutating func make(minute: Int) {
        if settings.kinds.contains(.cloudTrail) {
            for call in cloudTrailCalls(minute: minute, random: &cloudTrailRandom) {
                let record = GeneratedRecord(
                    kind: .cloudTrail, time: call.time, key: call.account, bytes: Array(call.json.utf8))
                schedule(record, minute: minute, usualDelaySecondsMax: 240)
                ledger.countEvent(.cloudTrail)
                if call.isService {
                    ledger.count("api-success", good: call.succeeded ? 1 : 0, total: 1)
                }
                if settings.duplicateShare > 0, delayRandom.chance(settings.duplicateShare) {
                    schedule(record, minute: minute, usualDelaySecondsMax: 240)
                    ledger.countDuplicate()
                }
            }
        }
        if settings.kinds.contains(.vpcFlow) {
            for flow in flowLogLines(minute: minute, random: &flowLogRandom) {
                schedule(
                    GeneratedRecord(
                        kind: .vpcFlow, time: flow.start, key: flow.interface, bytes: Array(flow.line.utf8)),
                    minute: minute, usualDelaySecondsMax: 240)
                ledger.countEvent(.vpcFlow)
                if flow.countsForIngress {
                    ledger.count("ingress-accepted", good: flow.accepted ? 1 : 0, total: 1)
                }
            }
        }
        if settings.kinds.contains(.metric) {
            for datum in metricData(minute: minute, random: &metricRandom) {
                schedule(
                    GeneratedRecord(kind: .metric, time: datum.time, key: datum.series, bytes: Array(datum.json.utf8)),
                    minute: minute, usualDelaySecondsMax: 120)
                ledger.countEvent(.metric)
                for count in datum.counts { ledger.count(count.objective, good: count.good, total: count.total) }
            }
        }
    }

    private mutating func schedule(_ record: GeneratedRecord, minute: Int, usualDelaySecondsMax: Int) {
        // The square of a uniform number: most records come soon, a few near the end of the usual delay.
        let share = delayRandom.unit()
        var delay = Int(share * share * Double(usualDelaySecondsMax))
        if settings.lateShare > 0, delayRandom.chance(settings.lateShare) {
            delay += delayRandom.below(max(1, settings.lateMinutesMax * 60 - usualDelaySecondsMax))
        }
        let secondOfEvent = Int((record.time.nanoseconds - settings.start.nanoseconds) / 1_000_000_000)
        let delivery = secondOfEvent + delay
        // What a minute makes is delivered in that minute at the earliest, however early its event is dated.
        pending[max(minute, delivery / 60), default: []].append(
            Pending(deliverySecond: delivery, sequence: sequence, record: record))
        sequence += 1
    }
}
