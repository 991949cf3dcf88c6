import TelemetryModel

/// The source that is being read, from which a record's position follows.
package enum SourceCursor: Sendable {
    case file(name: String)
    case message(topic: String, partition: Int32, offset: Int64)
    /// Some messages at once. The index of a record has the number of its message from the bit `messageShift` on.
    case messages(topic: String, partition: Int32, offsets: [Int64])

    /// No message has as many records.
    static let messageShift = 32

    var isMessage: Bool {
        if case .file = self { false } else { true }
    }

    /// How far the source was read when a record came: its message's offset. Files have none.
    func offset(ofRecord index: Int) -> Int64 {
        switch self {
        case .file: 0
        case .message(_, _, let offset): offset
        case .messages(_, _, let offsets): offsets[index >> SourceCursor.messageShift]
        }
    }

    func position(ofRecord index: Int) -> SourcePosition {
        switch self {
        case .file(let name): .file(name: name, record: index)
        case .message(let topic, let partition, let offset):
            .kafka(topic: topic, partition: partition, offset: offset, record: index)
        case .messages(let topic, let partition, let offsets):
            .kafka(
                topic: topic, partition: partition, offset: offsets[index >> SourceCursor.messageShift],
                record: index & (1 << SourceCursor.messageShift - 1))
        }
    }

    /// The same source, at several messages.
    func of(messages offsets: [Int64]) -> SourceCursor {
        switch self {
        case .file: self
        case .message(let topic, let partition, _), .messages(let topic, let partition, _):
            .messages(topic: topic, partition: partition, offsets: offsets)
        }
    }
}
