import JSON
import TelemetryModel

/// How many partitions the topics have in which results are kept by a hash of their key: with another number they would be
/// looked for where they are not.
///
/// Stands in each checkpoint: `"partitions":{"checkpoints":12,"windows":12,"alerts":12}`. That of the registers' topic is
/// the record's `shards`.
package struct StatePartitions: Sendable, Equatable {
    package let checkpoints: Int
    package let windows: Int
    package let alerts: Int

    func write(to json: inout JSONWriter) {
        json.key("partitions")
        json.beginObject()
        json.member("checkpoints", checkpoints)
        json.member("windows", windows)
        json.member("alerts", alerts)
        json.endObject()
    }

    package init(checkpoints: Int, windows: Int, alerts: Int) {
        self.checkpoints = checkpoints
        self.windows = windows
        self.alerts = alerts
    }

    package init(reading cursor: inout JSONCursor) throws(JSONCursorError) {
        var (checkpoints, windows, alerts) = (0, 0, 0)
        try cursor.beginObject()
        while let key = try cursor.nextKey() {
            switch key {
            case "checkpoints": checkpoints = try cursor.integer()
            case "windows": windows = try cursor.integer()
            case "alerts": alerts = try cursor.integer()
            default: try cursor.skipValue()
            }
        }
        guard checkpoints > 0, windows > 0, alerts > 0 else { throw cursor.refusal("numbers of partitions from 1") }
        self.init(checkpoints: checkpoints, windows: windows, alerts: alerts)
    }

    /// What has changed since `other` was written; `nil` where nothing has.
    package func change(since other: StatePartitions, _ topics: OutputTopics) -> PartitionCountChanged? {
        for (topic, was, now) in [
            (topics.checkpoints, other.checkpoints, checkpoints), (topics.windows, other.windows, windows),
            (topics.alerts, other.alerts, alerts),
        ] where was != now {
            return PartitionCountChanged(topic: topic, was: was, now: now)
        }
        return nil
    }
}

/// A topic of state has another number of partitions than when it was written, so that what is in it would be looked for in
/// the wrong places.
package struct PartitionCountChanged: Error, CustomStringConvertible {
    let topic: String
    let was: Int
    let now: Int

    package init(topic: String, was: Int, now: Int) {
        self.topic = topic
        self.was = was
        self.now = now
    }

    package var description: String {
        "the topic \(topic) had \(was) partitions and has \(now): what is kept in it would be looked for where it is not, and "
            + "counts would be missing. Where it was deleted, and a broker has made it again, go by \(LostTopics.runbook(of: topic)); else "
            + "give it \(was) partitions again, or start with another outputs.prefix and kafka.groupID"
    }
}
