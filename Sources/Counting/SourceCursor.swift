import TelemetryModel

/// The source that is being read, from which a record's position follows.
package enum SourceCursor: Sendable {
    case file(name: String)
    case message(topic: String, partition: Int32, offset: Int64)

    var isMessage: Bool {
        if case .message = self { true } else { false }
    }

    /// How far the source was read when the record came: its message's offset. Files have none.
    var offset: Int64 {
        switch self {
        case .file: 0
        case .message(_, _, let offset): offset
        }
    }

    func position(ofRecord index: Int) -> SourcePosition {
        switch self {
        case .file(let name): .file(name: name, record: index)
        case .message(let topic, let partition, let offset):
            .kafka(topic: topic, partition: partition, offset: offset, record: index)
        }
    }
}
