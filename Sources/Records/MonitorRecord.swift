import Accounting
import JSON
import Signals
import TelemetryModel

/// What a monitor knows of one group: a record of `tidewatch.checkpoints`.
///
/// `{"kind":"monitor","shard":3,"epoch":9,"monitor":"rejects","state":{"group":["eni-1"],"window":"…",…}}`.
/// Among the records of one group the one with the latest window counts, whichever epoch wrote it.
package struct MonitorRecord: Sendable, Equatable {
    /// What a state belongs to.
    package struct Series: Hashable, Sendable {
        let monitor: String
        let group: [String?]
    }

    package let monitor: String
    package let state: AnomalySeriesState
    /// Set by who publishes it.
    package var shard: Int32 = 0
    package var epoch = OwnerEpoch(rawValue: 0)

    package init(monitor: String, state: AnomalySeriesState) {
        self.monitor = monitor
        self.state = state
    }

    package var series: Series { Series(monitor: monitor, group: state.group) }

    /// Each epoch has keys of its own, so that compaction never drops a record for one that a dead owner writes late.
    package var key: String {
        var group = JSONWriter()
        group.beginArray()
        for value in state.group {
            if let value { group.string(value) } else { group.null() }
        }
        group.endArray()
        return "monitor/\(monitor)/\(String(decoding: group.bytes, as: UTF8.self))/\(epoch.rawValue)"
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
        json.member("kind", "monitor")
        json.member("shard", shard)
        json.member("epoch", epoch.rawValue)
        json.member("monitor", monitor)
        json.key("state")
        state.write(to: &json)
        json.recordVersion(form.ofUndefined)
        json.endObject()
        return json.bytes
    }

    /// After the member `kind`, which tells the records of the topic apart.
    init(json bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        var monitor = ""
        var state: AnomalySeriesState?
        var (shard, epoch) = (Int32(0), OwnerEpoch(rawValue: 0))
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "shard": shard = try cursor.integer()
            case "epoch": epoch = try OwnerEpoch(reading: &cursor)
            case "monitor": monitor = try cursor.string()
            case "state": state = try AnomalySeriesState(reading: &cursor)
            case RecordVersion.member: try cursor.recordVersion()
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        guard let state, !monitor.isEmpty else { throw cursor.refusal("a monitor and its state") }
        self.init(monitor: monitor, state: state)
        self.shard = shard
        self.epoch = epoch
    }
}
