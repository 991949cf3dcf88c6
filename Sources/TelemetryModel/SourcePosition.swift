/// Where a record came from, so that every number can be followed back.
public enum SourcePosition: Hashable, Sendable {
    /// `record` is the zero-based index of the record in the file.
    case file(name: String, record: Int)
    /// `record` is the zero-based index of the record in the message.
    case kafka(topic: String, partition: Int32, offset: Int64, record: Int)

    /// The partition that the record came from; `nil` for a file.
    public var source: String? {
        switch self {
        case .file: nil
        case .kafka(let topic, let partition, _, _): "\(topic)/\(partition)"
        }
    }

    /// The position as one word, the same after every restart: what tells the record apart from all others.
    public var identifier: String {
        switch self {
        case .file(let name, let record): "\(name)#\(record)"
        case .kafka(let topic, let partition, let offset, let record): "\(topic)/\(partition)/\(offset)#\(record)"
        }
    }
}
