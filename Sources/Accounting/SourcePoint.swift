/// One partition of an input topic.
public struct SourcePartition: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let topic: String
    public let partition: Int32

    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }

    public static func < (left: SourcePartition, right: SourcePartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }

    public var description: String { "\(topic)[\(partition)]" }
}

/// A place in a source partition: everything before it has been counted, nothing from it on.
///
/// A topic that was deleted and made anew starts again at small offsets; each such time is an incarnation, so that its
/// offsets are never taken for those of the topic before.
public struct SourcePoint: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let incarnation: Int32
    /// The next offset to be counted.
    public let offset: Int64

    public init(incarnation: Int32 = 0, offset: Int64) {
        self.incarnation = incarnation
        self.offset = offset
    }

    /// Whether an owner could have written it, and a successor could go on after it.
    public var isValid: Bool { offset >= 0 && (0..<Int32.max / 2).contains(incarnation) }

    public static func < (left: SourcePoint, right: SourcePoint) -> Bool {
        (left.incarnation, left.offset) < (right.incarnation, right.offset)
    }

    public var description: String { incarnation == 0 ? "\(offset)" : "\(incarnation):\(offset)" }
}

/// Which of a partition's owners, one after the other, wrote something.
///
/// The consumer group's generation grows with every rebalance. Where it does not, because the group itself was deleted and
/// starts anew, or because an owner claims again in the generation that it has, the lineage grows.
public struct OwnerEpoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    public init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    public init(lineage: Int32 = 0, generation: Int32) {
        rawValue = Int64(lineage) << 32 | Int64(UInt32(bitPattern: generation))
    }

    public var lineage: Int32 { Int32(truncatingIfNeeded: rawValue >> 32) }
    public var generation: Int32 { Int32(truncatingIfNeeded: rawValue) }

    /// Whether an owner could have written it, and a successor could follow it.
    public var isValid: Bool { rawValue >= 0 && lineage < Int32.max / 2 }

    /// The epoch of an assignment in `generation` that comes after this one.
    public func successor(generation: Int32) -> OwnerEpoch {
        let inLineage = OwnerEpoch(lineage: lineage, generation: generation)
        return inLineage > self ? inLineage : OwnerEpoch(lineage: lineage + 1, generation: generation)
    }

    public static func < (left: OwnerEpoch, right: OwnerEpoch) -> Bool { left.rawValue < right.rawValue }

    public var description: String { "\(lineage).\(generation)" }
}
