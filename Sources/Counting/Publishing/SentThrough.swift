import Accounting

/// Up to where an owner has told the shards of its sources: behind it nothing in its name can be in a log.
package struct SentThrough: Sendable {
    private var points: [SourcePartition: SourcePoint] = [:]

    package init() {}

    /// The source is taken over; shards may be further than the owner's position.
    package mutating func begin(_ owner: PartitionOwner) {
        points[owner.source] = owner.chainEnds(before: owner.position).max()
    }

    /// Before it is sent.
    package mutating func note(_ source: SourcePartition, to point: SourcePoint) {
        points[source] = max(points[source] ?? point, point)
    }

    package func isKnown(_ point: SourcePoint, of source: SourcePartition) -> Bool {
        points[source].map { point <= $0 } ?? true
    }
}
