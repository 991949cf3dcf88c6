import JSON
import TelemetryModel

/// A record of `tidewatch.checkpoints`, by its member `kind`.
package enum CheckpointRecord {
    case evaluator(ShardCheckpointRecord)
    case monitor(MonitorRecord)
    case alerts(AlertStateRecord)

    package init(json bytes: [UInt8]) throws(JSONCursorError) {
        do throws(JSONCursorError) { try self.init(known: bytes) } catch { throw error.orNewerVersion(of: bytes) }
    }

    private init(known bytes: [UInt8]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        try cursor.beginObject()
        try cursor.requireKey("kind")
        switch try cursor.string() {
        case "evaluator": self = .evaluator(try ShardCheckpointRecord(json: bytes))
        case "monitor": self = .monitor(try MonitorRecord(json: bytes))
        case "alerts": self = .alerts(try AlertStateRecord(json: bytes))
        default: throw cursor.refusal("the kind of a checkpoint")
        }
    }
}
