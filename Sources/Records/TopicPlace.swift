import Objectives

/// One record of a topic of ours.
public struct TopicPlace: Hashable, Sendable {
    public let topic: String
    public let partition: Int32
    public let offset: Int64

    public init(topic: String, partition: Int32, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }

    /// Reads `TOPIC/PARTITION/OFFSET`, as `description` writes it.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, !parts[0].isEmpty, let partition = Int32(parts[1]), let offset = Int64(parts[2]),
            partition >= 0, offset >= 0
        else { return nil }
        self.init(topic: String(parts[0]), partition: partition, offset: offset)
    }
}

extension TopicPlace: CustomStringConvertible {
    public var description: String { "\(topic)/\(partition)/\(offset)" }
}

extension UnreadSpan {
    /// A record of a topic of ours that was skipped.
    package init(_ place: TopicPlace) {
        self.init(topic: place.topic, partition: place.partition, from: place.offset, to: place.offset + 1)
    }
}
