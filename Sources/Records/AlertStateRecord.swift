import Accounting
import Alerting
import JSON
import TelemetryModel

/// A part of what a shard's evaluator knows of its alerts: a record of `tidewatch.checkpoints`.
///
/// `{"kind":"alerts","shard":3,"epoch":9,"sequence":4,"part":0,"parts":1,"next":48211,"judged_through":"…",
/// "open":[{"alert":{…},"past":true,"ends_at":"…","epochs":[7,9]}],"ended":[{"dedup_key":"…","time":"…","epochs":[9]}],"version":2}`.
/// `alert` is the feed's record. In `epochs` a `null` is the key without an epoch. Members without a value are left out.
/// `judged_through` is followed by `judged_through_by_kind` as `closed_before` in checkpoints, and by `decided_through` where that is another.
/// In an open alert of an SLO stands `"burning_end":"…"`, the end of the newest slice that was found burning.
package struct AlertStateRecord: Sendable, Equatable {
    package struct Place: Sendable, Hashable {
        package let shard: Int32
        package let epoch: Int64
        /// Rises with each state that its owner writes.
        package let sequence: Int
        /// From 0.
        package let part: Int
    }

    package let place: Place
    package let parts: Int
    /// What of the state stands in this part.
    package let share: AlertState

    package init(place: Place, parts: Int, share: AlertState) {
        self.place = place
        self.parts = parts
        self.share = share
    }

    /// What a record is longer than its alerts.
    static let frameBytes = 600

    private static let keyPrefix = "alerts/"

    /// Each epoch has keys of its own, so that compaction never drops a record for one that a dead owner writes late; and two for each
    /// part, by turns, so that the last state stands whole while the next one is written over the one before it.
    package var key: String {
        "\(AlertStateRecord.keyPrefix)\(place.shard)/\(place.epoch)/\(place.sequence % 2)/\(place.part)"
    }

    /// Whether this is the key of such a record.
    package static func isKey(_ key: RawSpan) -> Bool {
        key.withUnsafeBytes { $0.starts(with: keyPrefix.utf8) }
    }

    package var json: [UInt8] { json(in: .definitions) }

    /// There is none of the first form.
    package func json(in form: RecordForm) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("kind", "alerts")
        json.member("shard", place.shard)
        json.member("epoch", place.epoch)
        json.member("sequence", place.sequence)
        json.member("part", place.part)
        json.member("parts", parts)
        json.member("next", share.next)
        json.member("judged_through", share.judgedThrough)
        if share.decidedThrough != share.judgedThrough { json.member("decided_through", share.decidedThrough) }
        json.key("open")
        json.beginArray()
        for standing in share.open { json.raw(standing.json) }
        json.endArray()
        json.key("ended")
        json.beginArray()
        for ending in share.endings { json.raw(ending.json) }
        json.endArray()
        json.recordVersion(max(form, .definitions))
        json.endObject()
        return json.bytes
    }

    /// After the member `kind`, which tells the records of the topic apart.
    init(json bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        var (shard, epoch, sequence, part, parts) = (Int32(-1), OwnerEpoch?.none, 0, 0, 1)
        var share = AlertState(next: -1, judgedThrough: nil, open: [], endings: [])
        var decided: EventTimes?
        try cursor.beginObject()
        while let name = try cursor.nextKey() {
            switch name {
            case "shard": shard = try cursor.integer()
            case "epoch": epoch = try OwnerEpoch(reading: &cursor)
            case "sequence": sequence = try cursor.integer()
            case "part": part = try cursor.integer()
            case "parts": parts = try cursor.integer()
            case "next": share.next = try cursor.integer()
            case "judged_through": share.judgedThrough.takeLeast(try cursor.timestamp())
            case "judged_through_by_kind": share.judgedThrough.take(try cursor.eventTimes())
            case "decided_through":
                var times = decided ?? EventTimes()
                times.takeLeast(try cursor.timestamp())
                decided = times
            case "decided_through_by_kind":
                var times = decided ?? EventTimes()
                times.take(try cursor.eventTimes())
                decided = times
            case "open":
                try cursor.beginArray()
                while try cursor.nextElement() { share.open.append(try AlertStanding(reading: &cursor)) }
            case "ended":
                try cursor.beginArray()
                while try cursor.nextElement() { share.endings.append(try AlertEnding(reading: &cursor)) }
            case RecordVersion.member: try cursor.recordVersion()
            default: try cursor.skipValue()
            }
        }
        try cursor.end()
        share.decidedThrough = decided ?? share.judgedThrough
        guard shard >= 0, let epoch, share.next >= 0, parts > 0, (0..<parts).contains(part) else {
            throw cursor.refusal("a shard, an epoch, the next offset, and a part that is one of its parts")
        }
        self.init(
            place: Place(shard: shard, epoch: epoch.rawValue, sequence: sequence, part: part), parts: parts,
            share: share)
    }
}

extension AlertStanding {
    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.key("alert")
        json.raw(transition.json)
        if isPast {
            json.key("past")
            json.bool(true)
        }
        if let endsAt { json.member("ends_at", endsAt.description) }
        if let burningEnd { json.member("burning_end", burningEnd.description) }
        json.epochs(epochs)
        json.endObject()
        return json.bytes
    }

    fileprivate init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var (transition, isPast, epochs) = (AlertTransition?.none, false, Set<Int64?>())
        var (endsAt, burningEnd) = (Timestamp?.none, Timestamp?.none)
        try cursor.beginObject()
        while let name = try cursor.nextKey() {
            switch name {
            case "alert":
                let text = try cursor.sourceText()
                do throws(AlertRecordError) { transition = try AlertTransition(json: Array(text.utf8)) } catch {
                    throw cursor.refusal("a record of the alert feed, and not this: \(error)")
                }
            case "past": isPast = try cursor.bool()
            case "ends_at": endsAt = try cursor.timestamp()
            case "burning_end": burningEnd = try cursor.timestamp()
            case "epochs": epochs = try cursor.epochs()
            default: try cursor.skipValue()
            }
        }
        guard let transition, transition.alert.status == .open else { throw cursor.refusal("an alert that is open") }
        self.init(transition, isPast: isPast, epochs: epochs, endsAt: endsAt)
        self.burningEnd = burningEnd
    }
}

extension AlertEnding {
    var json: [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("dedup_key", key.text)
        json.member("time", time.description)
        json.epochs(epochs)
        json.endObject()
        return json.bytes
    }

    fileprivate init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var (key, time, epochs) = (DedupKey?.none, Timestamp?.none, Set<Int64?>())
        try cursor.beginObject()
        while let name = try cursor.nextKey() {
            switch name {
            case "dedup_key": key = DedupKey(text: try cursor.string())
            case "time": time = try cursor.timestamp()
            case "epochs": epochs = try cursor.epochs()
            default: try cursor.skipValue()
            }
        }
        guard let key, let time else { throw cursor.refusal("a dedup key and the time of an alert's end") }
        self.init(key, time: time, epochs: epochs)
    }
}

extension JSONWriter {
    fileprivate mutating func epochs(_ epochs: Set<Int64?>) {
        key("epochs")
        beginArray()
        if epochs.contains(nil) { null() }
        for epoch in epochs.compactMap(\.self).sorted() { integer(epoch) }
        endArray()
    }
}

extension JSONCursor {
    fileprivate mutating func epochs() throws(JSONCursorError) -> Set<Int64?> {
        var epochs: Set<Int64?> = []
        try beginArray()
        while try nextElement() { epochs.insert(try takeNull() ? nil : try integer()) }
        return epochs
    }
}
