import Accounting
import JSON
import Signals
import TelemetryModel

/// What a monitor knows of one group: a record of `tidewatch.checkpoints`.
///
/// `{"kind":"monitor","shard":3,"epoch":9,"monitor":"rejects","rollup":"flows","columns":["interface_id"],`
/// `"state":{"group":["eni-1"],"window":"…",…}}`.
/// Among the records of one group the one with the latest window counts, whichever epoch wrote it.
package struct MonitorRecord: StateRecord {
    package static let kind = "monitor"

    /// What the values of a group are values of.
    package struct Grouping: Sendable, Equatable {
        let rollup: String
        let columns: [String]

        package init(rollup: String, columns: [String]) {
            self.rollup = rollup
            self.columns = columns
        }
    }

    package let monitor: String
    package let state: AnomalySeriesState
    /// `nil` in records of 0.1.0.
    package let grouping: Grouping?
    package var shard: Int32 = 0
    package var epoch = OwnerEpoch(rawValue: 0)

    package init(monitor: String, state: AnomalySeriesState, grouping: Grouping?) {
        self.monitor = monitor
        self.state = state
        self.grouping = grouping
    }

    /// The same group, forgotten.
    package var forgotten: MonitorRecord {
        MonitorRecord(
            monitor: monitor,
            state: AnomalySeriesState(group: state.group, course: nil, goneThrough: state.through), grouping: grouping)
    }

    /// Whether the state is of a group that a monitor has whose windows are grouped so.
    package func fits(_ other: Grouping) -> Bool {
        state.group.count == other.columns.count && (grouping.map { $0 == other } ?? true)
    }

    package var series: String {
        var group = JSONWriter()
        group.beginArray()
        for value in state.group {
            if let value { group.string(value) } else { group.null() }
        }
        group.endArray()
        return "\(MonitorRecord.kind)/\(monitor)/\(String(decoding: group.bytes, as: UTF8.self))"
    }

    /// A group that 0.1.0 forgot has no window; its owner said so last of all in its epoch.
    package func isNewer(than other: MonitorRecord) -> Bool {
        guard let window = state.through, let otherWindow = other.state.through else {
            return epoch >= other.epoch
        }
        return (window, epoch) >= (otherWindow, other.epoch)
    }

    package var json: [UInt8] { json(in: .first) }

    package func json(in form: RecordForm) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("kind", MonitorRecord.kind)
        json.member("shard", shard)
        json.member("epoch", epoch.rawValue)
        json.member("monitor", monitor)
        if let grouping {
            json.member("rollup", grouping.rollup)
            json.key("columns")
            json.beginArray()
            for column in grouping.columns { json.string(column) }
            json.endArray()
        }
        json.key("state")
        state.write(to: &json)
        json.recordVersion(form.ofUndefined)
        json.endObject()
        return json.bytes
    }

    /// After the member `kind`, which tells the records of the topic apart.
    package init(json bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        var monitor = ""
        var state: AnomalySeriesState?
        var (shard, epoch) = (Int32(0), OwnerEpoch(rawValue: 0))
        var (rollup, columns) = (String?.none, [String]?.none)
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "shard": shard = try cursor.integer()
            case "epoch": epoch = try OwnerEpoch(reading: &cursor)
            case "monitor": monitor = try cursor.string()
            case "rollup": rollup = try cursor.string()
            case "columns":
                var names: [String] = []
                try cursor.beginArray()
                while try cursor.nextElement() { names.append(try cursor.string()) }
                columns = names
            case "state": state = try AnomalySeriesState(reading: &cursor)
            case RecordVersion.member: try cursor.recordVersion()
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        guard let state, !monitor.isEmpty else { throw cursor.refusal("a monitor and its state") }
        var grouping: Grouping?
        if let rollup, let columns { grouping = Grouping(rollup: rollup, columns: columns) }
        self.init(monitor: monitor, state: state, grouping: grouping)
        self.shard = shard
        self.epoch = epoch
    }
}
