/// Named values that belong to a source partition, beside its counts.
///
/// Each value says its own point: it is a function of the source's records before that, and of nothing else. So an owner that does
/// not know a name keeps the value as it is, and who finds a value whose point is further than where it counts from leaves it
/// alone until it is there; records that are counted again would be in it twice.
public struct SourceState: Hashable, Sendable {
    public struct Value: Hashable, Sendable {
        /// What it includes: the records before this point.
        public let through: SourcePoint
        public let text: String

        public init(through: SourcePoint, text: String) {
            self.through = through
            self.text = text
        }
    }

    public static let namesMax = 16
    /// Of a name, in UTF-8.
    public static let nameBytesMax = 64
    /// Of a value's text, in UTF-8.
    public static let valueBytesMax = 256

    public private(set) var values: [String: Value] = [:]

    public init() {}

    /// - Throws: the bound that the value does not keep; the state is what it was.
    public mutating func set(_ name: String, to value: Value) throws(SourceStateBound) {
        guard (1...SourceState.nameBytesMax).contains(name.utf8.count) else { throw .nameBytes(name.utf8.count) }
        guard value.text.utf8.count <= SourceState.valueBytesMax else { throw .valueBytes(name, value.text.utf8.count) }
        guard values[name] != nil || values.count < SourceState.namesMax else { throw .names }
        values[name] = value
    }

    /// Takes of another shard's word what is further than the own and not beyond `point`. What has no place beside sixteen others is left out.
    public mutating func take(from other: SourceState, through point: SourcePoint) {
        for (name, value) in other.values.sorted(by: { $0.key < $1.key }) where value.through <= point {
            if let own = values[name], own.through >= value.through { continue }
            try? set(name, to: value)
        }
    }

    /// Whether a value includes records from `point` on.
    public func goes(beyond point: SourcePoint) -> Bool { values.values.contains { $0.through > point } }
}

/// A bound of a source's state that something does not keep.
public enum SourceStateBound: Error, Hashable, Sendable, CustomStringConvertible {
    case names
    case nameBytes(Int)
    case valueBytes(String, Int)

    /// What was expected.
    public var description: String {
        switch self {
        case .names: "at most \(SourceState.namesMax) names in a source's state"
        case .nameBytes(let count):
            "a name of 1 to \(SourceState.nameBytesMax) bytes in a source's state, and this one has \(count)"
        case .valueBytes(let name, let count):
            "at most \(SourceState.valueBytesMax) bytes of a value in a source's state, and \(name) has \(count)"
        }
    }
}
