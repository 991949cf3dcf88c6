/// Records of a source partition that were gone before they were read, so that they are missing from every count.
public struct UnreadSpan: Sendable, Hashable {
    public var topic: String
    public var partition: Int32
    /// Which incarnation of the topic the offsets belong to.
    public var incarnation: Int32
    /// The first offset that was not read.
    public var from: Int64
    /// The offset after the last one that was not read; `nil` where the topic was deleted, and nobody knows how far it
    /// went.
    public var to: Int64?

    public init(topic: String, partition: Int32, incarnation: Int32 = 0, from: Int64, to: Int64?) {
        self.topic = topic
        self.partition = partition
        self.incarnation = incarnation
        self.from = from
        self.to = to
    }
}

extension UnreadSpan: Comparable {
    /// By topic, partition, incarnation and offset.
    public static func < (left: UnreadSpan, right: UnreadSpan) -> Bool {
        let (leftKey, rightKey) = (
            (left.topic, left.partition, left.incarnation), (right.topic, right.partition, right.incarnation)
        )
        return leftKey == rightKey
            ? (left.from, left.to ?? .max) < (right.from, right.to ?? .max) : leftKey < rightKey
    }
}

extension UnreadSpan: CustomStringConvertible {
    public var description: String {
        let place = incarnation == 0 ? "\(topic)[\(partition)]" : "\(topic)[\(partition)] (incarnation \(incarnation))"
        return to.map { "\(place) offsets \(from) to \(max(from, $0 == .min ? .min : $0 - 1))" }
            ?? "\(place) offsets from \(from) on"
    }
}
