import Text

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
    public var identifier: [UInt8] {
        switch self {
        case .file(let name, let record): return Array("\(name)#\(record)".utf8)
        case .kafka(let topic, let partition, let offset, let record):
            // Each audit record has one, so no text is made of it first; three numbers have 59 bytes at most.
            var bytes: [UInt8] = []
            bytes.reserveCapacity(topic.utf8.count + 62)
            bytes.append(contentsOf: topic.utf8)
            bytes.append(UInt8(ascii: "/"))
            bytes.append(decimal: Int64(partition))
            bytes.append(UInt8(ascii: "/"))
            bytes.append(decimal: offset)
            bytes.append(UInt8(ascii: "#"))
            bytes.append(decimal: Int64(record))
            return bytes
        }
    }
}
