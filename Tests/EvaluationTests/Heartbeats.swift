import Accounting
import Aggregation
import Alerting
import JSON
import Planning
import TelemetryModel

@testable import Evaluation
@testable import Records

/// A kind of tests alone: an alert of a rollup as long as its windows have no records.
struct Heartbeats: EvaluatedKind {
    /// What is known of one rollup.
    private struct Pulse {
        /// The start of the first window that was not judged yet; `nil` before the first with records.
        var next: Timestamp?
        var openedAt: Timestamp?
        var isChanged = false
    }

    static var stateRecord: (any StateRecord.Type)? { HeartbeatRecord.self }

    let rollups: Set<Int>
    private let plan: PipelinePlan
    /// Beside the plan's rollups.
    private var pulses: [Pulse]

    init(_ terms: EvaluationTerms) {
        plan = terms.plan
        rollups = Set(plan.rollups.indices)
        pulses = plan.rollups.map { _ in Pulse() }
    }

    private func name(of rollup: Int) -> String { plan.rollups[rollup].plan.definition.name }
    private func length(of rollup: Int) -> Int64 { plan.rollups[rollup].plan.definition.windowNanoseconds }
    private func place(of alert: Alert) -> Int? {
        plan.rollups.indices.first { name(of: $0) == alert.labels[Self.label] }
    }

    // MARK: Judging

    mutating func take(_ window: RollupWindow, rollup: Int) -> [AlertTransition] {
        // A state may be further than the checkpoint from which the log is read again.
        if let next = pulses[rollup].next, window.start < next { return [] }
        let missed = pass(through: window.start, rollup: rollup)
        let end = window.start.advanced(by: length(of: rollup))
        let openedAt = pulses[rollup].openedAt
        pulses[rollup] = Pulse(next: end, openedAt: nil, isChanged: true)
        return missed + (openedAt.map { [transition(of: rollup, .resolved, at: end, openedAt: $0)] } ?? [])
    }

    mutating func pass(through time: Timestamp, rollup: Int) -> [AlertTransition] {
        let length = length(of: rollup)
        guard let next = pulses[rollup].next, next.advanced(by: length) <= time else { return [] }
        let openedAt = pulses[rollup].openedAt ?? next.advanced(by: length)
        let isNew = pulses[rollup].openedAt == nil
        pulses[rollup] = Pulse(next: time.windowStart(length: length), openedAt: openedAt, isChanged: true)
        return isNew ? [transition(of: rollup, .open, at: openedAt, openedAt: openedAt)] : []
    }

    private func transition(
        of rollup: Int, _ status: AlertStatus, at time: Timestamp, openedAt: Timestamp
    ) -> AlertTransition {
        let name = name(of: rollup)
        var alert = Alert(
            dedupKey: DedupKey(kind: "heartbeat", name: name), severity: .warning, status: status,
            summary: "No records of \(name)", source: name, time: time, openedAt: openedAt)
        alert.kind = "heartbeat"
        alert.labels = ["heartbeat": name]
        return AlertTransition(alert: alert, reason: status == .open ? "None came." : "They are back.")
    }

    // MARK: Its alerts

    static let label = "heartbeat"
    static func reached(_ times: JudgedTimes) -> EventTimes { times.windows }
    func isOwn(_ alert: Alert) -> Bool? { nil }
    func eventKinds(of alert: Alert) -> Set<EventKind>? {
        place(of: alert).map { [plan.rollups[$0].plan.definition.source] }
    }
    func isBurning(_ alert: Alert, since time: Timestamp, judgedThrough windows: EventTimes) -> Bool {
        place(of: alert).map { pulses[$0].openedAt != nil } ?? false
    }

    // MARK: Published, and restored

    mutating func takeRecords(_ owner: RecordOwner) -> [ResultRecord] {
        pulses.indices.compactMap { rollup in
            guard pulses[rollup].isChanged, let next = pulses[rollup].next else { return nil }
            pulses[rollup].isChanged = false
            return .state(
                HeartbeatRecord(
                    rollup: name(of: rollup), next: next, openedAt: pulses[rollup].openedAt, shard: owner.shard,
                    epoch: owner.epoch))
        }
    }

    mutating func restore(_ record: any StateRecord) {
        guard let record = record as? HeartbeatRecord,
            let rollup = plan.rollups.indices.first(where: { name(of: $0) == record.rollup })
        else { return }
        pulses[rollup] = Pulse(next: record.next, openedAt: record.openedAt)
    }

    func restore(_ standing: AlertStanding) -> AlertRemoval? {
        let alert = standing.transition.alert
        if place(of: alert) != nil { return nil }
        let name = alert.labels[Self.label] ?? ""
        return AlertRemoval(because: "the rollup '\(name)' is no longer declared", of: name)
    }
}

/// `{"kind":"heartbeat","shard":0,"epoch":9,"rollup":"calls","next":…,"opened_at":…}`.
struct HeartbeatRecord: StateRecord {
    static let kind = "heartbeat"

    let rollup: String
    let next: Timestamp
    let openedAt: Timestamp?
    var shard: Int32
    var epoch: OwnerEpoch

    var series: String { "\(HeartbeatRecord.kind)/\(rollup)" }
    func isNewer(than other: HeartbeatRecord) -> Bool { (next, epoch) >= (other.next, other.epoch) }

    func json(in form: RecordForm) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("kind", HeartbeatRecord.kind)
        json.member("shard", shard)
        json.member("epoch", epoch.rawValue)
        json.member("rollup", rollup)
        json.member("next", next.nanoseconds)
        if let openedAt { json.member("opened_at", openedAt.nanoseconds) }
        json.endObject()
        return json.bytes
    }
}

extension HeartbeatRecord {
    init(json bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        var (rollup, next, openedAt) = ("", Int64(0), Int64?.none)
        var (shard, epoch) = (Int32(0), OwnerEpoch(rawValue: 0))
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "shard": shard = try cursor.integer()
            case "epoch": epoch = try OwnerEpoch(reading: &cursor)
            case "rollup": rollup = try cursor.string()
            case "next": next = try cursor.integer()
            case "opened_at": openedAt = try cursor.integer()
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        self.init(
            rollup: rollup, next: Timestamp(nanoseconds: next), openedAt: openedAt.map(Timestamp.init(nanoseconds:)),
            shard: shard, epoch: epoch)
    }
}
