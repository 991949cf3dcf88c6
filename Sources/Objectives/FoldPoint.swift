/// Where a log goes beyond the groups that an objective keeps apart: groups that begin in front of it have their own counts, those that begin
/// behind it are counted together.
///
/// It stands in the records of what is counted together, so that whoever reads the log again, whatever of the records had been written, puts
/// each group where it was put before.
public struct FoldPoint: Sendable, Hashable, Comparable {
    /// Of the entry in the log.
    public let offset: Int64
    /// Among the groups of the objective in that entry.
    public let place: Int

    public init(offset: Int64, place: Int) {
        self.offset = offset
        self.place = place
    }

    public static func < (left: FoldPoint, right: FoldPoint) -> Bool {
        (left.offset, left.place) < (right.offset, right.place)
    }
}
