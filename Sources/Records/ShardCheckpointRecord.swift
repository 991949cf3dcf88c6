import Accounting
import JSON
import TelemetryModel

/// Where the evaluator of a shard goes on after a restart: a record of `tidewatch.checkpoints`.
///
/// `{"kind":"evaluator","shard":3,"shards":12,"epoch":9,"next":48211,"closed_before":"…","sources":[{"source":{…},
/// "epoch":17,"began":{"offset":0},"through":{"offset":4250},"watermark":"…",…}],"partitions":{"windows":12,…}}`.
/// Where the kinds of events are not equally far, `closed_before` is the least, and
/// `"closed_before_by_kind":{"cloudtrail":"…","metric":"…"}` stands behind it.
/// In version 2 `reached`, and `reached_by_kind` where that differs, say how far event time itself is.
/// `"alert_state":48190` stands behind them once the shard's alerts have records of their own: the least `next` that these must have.
/// `"has_windows":true` stands behind that once the shard has published windows, so that who restores it knows when they are gone.
/// `"state":[…]` stands in a source that has one, as in updates, and `"state":null` where it is not known.
/// `"broken":true` stands in a source of which an entry was skipped, until its next update.
/// Among the records of one shard the one with the greatest `next` counts, whichever epoch wrote it. But one of version 2 goes before
/// all of version 1: 0.1.0 skips entries of the newer form, and goes on behind them. To read a part of the log again does no harm.
package struct ShardCheckpointRecord: Sendable, Equatable {
    package let shard: Int32
    /// How many shards there were. Objectives move between shards when it changes, so such a record is refused.
    package let shards: Int
    package let epoch: OwnerEpoch
    package let checkpoint: ShardCheckpoint
    /// How many partitions the topics of state had; `nil` in records of 0.1.0.
    package let partitions: StatePartitions?
    /// The form that its writer was told to write, and so one that it reads.
    package var form = RecordForm.first
    /// What the shard's state of alerts includes at least; `nil` where alerts stand in the feed alone.
    package var alertState: Int64?
    /// The topic of windows holds some of the shard. False in what earlier releases wrote.
    package var hasWindows = false

    /// Each epoch has keys of its own, so that compaction never drops a record for one that a dead owner writes late.
    package var key: String { "\(ShardCheckpointRecord.keyPrefix)\(shard)/\(epoch.rawValue)" }
    private static let keyPrefix = "evaluator/"

    /// Whether this is the key of such a record, and not of a monitor.
    package static func isKey(_ key: RawSpan) -> Bool {
        key.withUnsafeBytes { $0.starts(with: keyPrefix.utf8) }
    }

    package func isNewer(than other: ShardCheckpointRecord) -> Bool {
        (form.rawValue, checkpoint.next, epoch) > (other.form.rawValue, other.checkpoint.next, other.epoch)
    }

    package var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("kind", "evaluator")
        json.member("shard", shard)
        json.member("shards", shards)
        json.member("epoch", epoch.rawValue)
        json.member("next", checkpoint.next)
        json.member("closed_before", checkpoint.closedBefore)
        if form.tellsArrivals { json.member("reached", checkpoint.reached) }
        json.key("sources")
        json.beginArray()
        for (source, state) in checkpoint.chains.sorted(by: { $0.key < $1.key }) {
            json.beginObject()
            source.write(to: &json)
            state.write(to: &json, in: form)
            json.endObject()
        }
        json.endArray()
        if let partitions { partitions.write(to: &json) }
        if let alertState { json.member("alert_state", alertState) }
        if hasWindows {
            json.key("has_windows")
            json.bool(true)
        }
        json.recordVersion(form)
        json.endObject()
        return json.bytes
    }

    /// After the member `kind`, which tells the records of the topic apart.
    package init(json bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        var (shard, shards, epoch, next) = (Int32(0), 0, OwnerEpoch(rawValue: 0), Int64(-1))
        var closed = EventTimes()
        var reached: EventTimes?
        var chains: [SourcePartition: SourceChainState] = [:]
        var partitions: StatePartitions?
        var form = RecordForm.first
        var alertState: Int64?
        var hasWindows = false
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "shard": shard = try cursor.integer()
            case "shards": shards = try cursor.integer()
            case "epoch": epoch = try OwnerEpoch(reading: &cursor)
            case "next": next = try cursor.integer()
            case "closed_before": closed.takeLeast(try cursor.timestamp())
            case "closed_before_by_kind": closed.take(try cursor.eventTimes())
            case "reached":
                var times = reached ?? EventTimes()
                times.takeLeast(try cursor.timestamp())
                reached = times
            case "reached_by_kind":
                var times = reached ?? EventTimes()
                times.take(try cursor.eventTimes())
                reached = times
            case "alert_state": alertState = try cursor.integer()
            case "has_windows": hasWindows = try cursor.bool()
            case "partitions": partitions = try StatePartitions(reading: &cursor)
            case RecordVersion.member: form = RecordForm(rawValue: try cursor.recordVersion()) ?? .first
            case "sources":
                try cursor.beginArray()
                while try cursor.nextElement() {
                    let (source, state) = try SourceChainState.read(from: &cursor)
                    chains[source] = state
                }
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        guard next >= 0, shards > 0 else { throw cursor.refusal("the next offset, and how many shards there are") }
        self.init(
            shard: shard, shards: shards, epoch: epoch,
            checkpoint: ShardCheckpoint(next: next, closedBefore: closed, reached: reached, chains: chains),
            partitions: partitions)
        self.form = form
        self.alertState = alertState
        self.hasWindows = hasWindows
    }

    package init(
        shard: Int32, shards: Int, epoch: OwnerEpoch, checkpoint: ShardCheckpoint, partitions: StatePartitions? = nil
    ) {
        self.shard = shard
        self.shards = shards
        self.epoch = epoch
        self.checkpoint = checkpoint
        self.partitions = partitions
    }
}

extension SourceChainState {
    fileprivate func write(to json: inout JSONWriter, in form: RecordForm) {
        if let epoch { json.member("epoch", epoch.rawValue) }
        if let began {
            json.key("began")
            began.write(to: &json)
        }
        if let through {
            json.key("through")
            through.write(to: &json)
        }
        progress.write(to: &json, in: form)
        if let sourceState, !sourceState.values.isEmpty {
            json.key("state")
            sourceState.write(to: &json)
        } else if through != nil, sourceState == nil {
            json.key("state")
            json.null()
        }
        if isBroken {
            json.key("broken")
            json.bool(true)
        }
    }

    fileprivate static func read(
        from cursor: inout JSONCursor
    ) throws(JSONCursorError) -> (SourcePartition, SourceChainState) {
        var source: SourcePartition?
        var epoch: OwnerEpoch?
        var began: SourcePoint?
        var through: SourcePoint?
        var progress = SourceProgress()
        var sourceState: SourceState?
        var isStateUnknown = false
        var isBroken = false
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "source": source = try SourcePartition(reading: &cursor)
            case "epoch": epoch = try OwnerEpoch(reading: &cursor)
            case "began": began = try SourcePoint(reading: &cursor)
            case "through": through = try SourcePoint(reading: &cursor)
            case "watermark": progress.watermark = try cursor.timestamp()
            case "idle_through": progress.idleThrough = try cursor.timestamp()
            case "tail": progress.tail = try RecordFingerprint(reading: &cursor)
            case "state":
                isStateUnknown = try cursor.takeNull()
                if !isStateUnknown { sourceState = try SourceState(reading: &cursor) }
            case "clock": progress.clock = try cursor.timestamp()
            case "broken": isBroken = try cursor.bool()
            default: try cursor.skipValue()
            }
        }
        guard let source else { throw cursor.refusal("a source") }
        if through != nil, !isStateUnknown { sourceState = sourceState ?? SourceState() }
        return (
            source,
            SourceChainState(
                epoch: epoch, began: began, through: through, progress: progress, sourceState: sourceState,
                isBroken: isBroken)
        )
    }
}
