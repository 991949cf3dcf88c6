import Accounting
import JSON
import TelemetryModel

/// The records of `tidewatch.registers`, as JSON.
///
/// A claim: `{"kind":"claim","source":{"topic":"cloudtrail","partition":3},"epoch":17,"over":16}`.
/// An update: `{"kind":"update","source":{…},"epoch":17,"from":{"offset":4000},"to":{"offset":4250},
/// "watermark":"…","idle_through":"…","tail":{"timestamp_ms":…,"bytes":…},"gap":"expired","part":0,"parts":1,
/// "objectives":[{"name":"api","slices":[["2026-01-15T09:30:00Z",good,total,late],…]}],
/// "rollups":[{"name":"errors","cells":[…]}],"traces":[["cloudtrail","2026-01-15T09:00:00Z",first,last],…]}`.
/// Members without a value are left out. `incarnation` stands beside `offset` where it is not 0, and `version` last; before it
/// `reads`, the newest version that the writer reads, where that is above the record's own.
///
/// In version 2 `kind` is called `entry`, `"counts":[1768469400,good,total,…]` stand in place of `slices` (`SliceDeltaFields`), `clock` behind `tail` says by which reading of the clock records were judged, objectives have a
/// `definition` behind their `name`, or all their terms, and `"arrivals":[[2,"2026-01-15T09:41:00Z"],…]` says of which slices, by their places, the counts
/// came when they were over, and in which slice; one with groups has `"columns":[…],"groups":[{"group":[…],"slices":…},…]` in place of
/// its slices; in front of `part` stands
/// `"state":[{"name":"records","through":{"offset":4250},"value":"…"}]`, which is empty where there is none.
extension ShardEntry where Amounts == ChangelogAmounts {
    /// In the first form.
    package var json: [UInt8] { json(in: .first) }

    package func json(in form: RecordForm) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        // Without a kind an entry is nothing that 0.1.0 could take for its own.
        let kind = form == .first ? "kind" : "entry"
        switch self {
        case .claim(let claim):
            json.member(kind, "claim")
            claim.source.write(to: &json)
            json.member("epoch", claim.epoch.rawValue)
            if let superseded = claim.superseded { json.member("over", superseded.rawValue) }
        case .update(let update):
            json.member(kind, "update")
            update.write(to: &json, in: form)
        }
        if form.rawValue < RecordVersion.newest { json.member(EntryFields.readsMember, RecordVersion.newest) }
        json.recordVersion(form)
        json.endObject()
        return json.bytes
    }

    /// - Throws: what is wrong with the bytes, and where.
    package init(json bytes: [UInt8]) throws(JSONCursorError) { self = try WrittenEntry(json: bytes).entry }
}

/// An entry with what is known of its writer.
package struct WrittenEntry {
    package let entry: ShardEntry<ChangelogAmounts>
    /// The newest version that its writer reads: 1 for 0.1.0, which doesn't say it.
    package let reads: Int
    /// That of the entry.
    package let version: Int

    package init(json bytes: [UInt8]) throws(JSONCursorError) {
        do throws(JSONCursorError) { try self.init(known: bytes) } catch { throw error.orNewerVersion(of: bytes) }
    }

    private init(known bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        var fields = EntryFields()
        try cursor.beginObject()
        while let key = try cursor.nextKey() { try fields.read(key, from: &cursor) }
        try cursor.end()
        reads = max(fields.reads, fields.version)
        version = fields.version
        guard let source = fields.source, let epoch = fields.epoch else {
            throw cursor.refusal("a source and an epoch")
        }
        if fields.kind == "claim" {
            entry = .claim(Claim(source: source, epoch: epoch, superseded: fields.over))
            return
        }
        guard fields.kind == "update", let to = fields.to else {
            throw cursor.refusal("a kind, and the point to which an update goes")
        }
        guard fields.parts > 0, (0..<fields.parts).contains(fields.part) else {
            throw cursor.refusal("a part that is one of its parts")
        }
        entry = .update(
            ChangelogUpdate(
                source: source, epoch: epoch, from: fields.from, to: to, progress: fields.progress, gap: fields.gap,
                amounts: fields.amounts
            ).telling(fields.state).asPart(fields.part, of: fields.parts))
    }
}

/// What was read of an entry so far; members may come in any order.
private struct EntryFields {
    var kind = ""
    var source: SourcePartition?
    var epoch: OwnerEpoch?
    var over: OwnerEpoch?
    var from: SourcePoint?
    var to: SourcePoint?
    var progress = SourceProgress()
    var gap: SourceGapCause?
    var state: SourceState?
    var part = 0
    var parts = 1
    var amounts = ChangelogAmounts()
    var version = RecordVersion.first
    var reads = RecordVersion.first

    static let readsMember = "reads"

    mutating func read(_ key: String, from cursor: inout JSONCursor) throws(JSONCursorError) {
        switch key {
        case "kind", "entry": kind = try cursor.string()
        case "source": source = try SourcePartition(reading: &cursor)
        case "epoch": epoch = try OwnerEpoch(reading: &cursor)
        case "over": over = try OwnerEpoch(reading: &cursor)
        case "from": from = try SourcePoint(reading: &cursor)
        case "to": to = try SourcePoint(reading: &cursor)
        case "watermark": progress.watermark = try cursor.timestamp()
        case "idle_through": progress.idleThrough = try cursor.timestamp()
        case "tail": progress.tail = try RecordFingerprint(reading: &cursor)
        case "clock": progress.clock = try cursor.timestamp()
        case "gap":
            gap = SourceGapCause(rawValue: try cursor.string())
            if gap == nil { throw cursor.refusal("a cause of a gap") }
        case "state": state = try SourceState(reading: &cursor)
        case "part": part = try cursor.integer()
        case "parts": parts = try cursor.integer()
        case "objectives":
            try cursor.beginArray()
            while try cursor.nextElement() {
                amounts.objectives.append(try ChangelogAmounts.ObjectiveAmounts(reading: &cursor))
            }
        case "rollups":
            try cursor.beginArray()
            while try cursor.nextElement() {
                amounts.rollups.append(try ChangelogAmounts.RollupAmounts(reading: &cursor))
            }
        case "traces":
            try cursor.beginArray()
            while try cursor.nextElement() { amounts.traces.append(try ChangelogAmounts.Trace(reading: &cursor)) }
        case RecordVersion.member: version = try cursor.recordVersion()
        case EntryFields.readsMember: reads = try cursor.integer()
        default: try cursor.skipValue()
        }
    }
}

extension ChangelogUpdate where Amounts == ChangelogAmounts {
    fileprivate func write(to json: inout JSONWriter, in form: RecordForm) {
        source.write(to: &json)
        json.member("epoch", epoch.rawValue)
        if let from {
            json.key("from")
            from.write(to: &json)
        }
        json.key("to")
        to.write(to: &json)
        progress.write(to: &json, in: form)
        if let gap { json.member("gap", gap.rawValue) }
        if let state, form.tellsSourceState {
            json.key("state")
            state.write(to: &json)
        }
        if parts > 1 {
            json.member("part", part)
            json.member("parts", parts)
        }
        if !amounts.objectives.isEmpty {
            json.key("objectives")
            json.beginArray()
            // By place: an iterator copies each, of thousands.
            for place in amounts.objectives.indices { amounts.objectives[place].write(to: &json, in: form) }
            json.endArray()
        }
        if !amounts.rollups.isEmpty {
            json.key("rollups")
            json.beginArray()
            for rollup in amounts.rollups { rollup.write(to: &json) }
            json.endArray()
        }
        if !amounts.traces.isEmpty {
            json.key("traces")
            json.beginArray()
            for trace in amounts.traces { trace.write(to: &json) }
            json.endArray()
        }
    }
}
