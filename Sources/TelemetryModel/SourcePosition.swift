/// Where a record came from, so that every number can be followed back.
public enum SourcePosition: Hashable, Sendable {
    /// `record` is the zero-based index of the record in the file.
    case file(name: String, record: Int)
    /// `record` is the zero-based index of the record in the message.
    case kafka(topic: String, partition: Int32, offset: Int64, record: Int)
}
