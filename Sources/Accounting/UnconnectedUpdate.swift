/// An update of a shard's log that does not begin where its source's chain ends: an entry before it is missing, or its writer
/// broke the rules.
public struct UnconnectedUpdate: Error, Sendable, Equatable {
    public let source: SourcePartition
    public let from: SourcePoint?
    public let to: SourcePoint
    /// Where the chain ends.
    public let through: SourcePoint?

    public init<Amounts>(_ update: ChangelogUpdate<Amounts>, through: SourcePoint?) {
        source = update.source
        from = update.from
        to = update.to
        self.through = through
    }
}

extension UnconnectedUpdate: CustomStringConvertible {
    public var description: String {
        func text(_ point: SourcePoint?) -> String {
            guard let point else { return "nowhere" }
            return point.incarnation == 0 ? "\(point.offset)" : "\(point.offset) (incarnation \(point.incarnation))"
        }
        return
            "it adds the records of \(source.topic)[\(source.partition)] from \(text(from)) to \(text(to)), and what was "
            + "counted ends at \(text(through))"
    }
}
