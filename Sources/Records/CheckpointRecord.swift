import JSON
import TelemetryModel

/// A record of `tidewatch.checkpoints`, by its member `kind`.
package enum CheckpointRecord {
    case evaluator(ShardCheckpointRecord)
    case alerts(AlertStateRecord)
    case state(any StateRecord)

    /// - Parameter states: the forms of states that are known.
    package init(json bytes: [UInt8], states: [any StateRecord.Type]) throws(JSONCursorError) {
        do throws(JSONCursorError) { try self.init(known: bytes, states) } catch {
            throw error.orNewerVersion(of: bytes)
        }
    }

    private init(known bytes: [UInt8], _ states: [any StateRecord.Type]) throws(JSONCursorError) {
        var cursor = JSONCursor(bytes)
        try cursor.beginObject()
        try cursor.requireKey("kind")
        switch try cursor.string() {
        case "evaluator": self = .evaluator(try ShardCheckpointRecord(json: bytes))
        case "alerts": self = .alerts(try AlertStateRecord(json: bytes))
        case let kind:
            guard let state = states.first(where: { $0.kind == kind }) else {
                throw cursor.refusal("the kind of a checkpoint")
            }
            self = .state(try state.init(json: bytes))
        }
    }
}
