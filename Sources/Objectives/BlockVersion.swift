/// How much of the register log a block includes, and which assignment of its objective wrote it: of two versions of a
/// block the greater holds all that the other does.
struct BlockVersion: Sendable, Equatable, Comparable {
    /// `stamp` of a block that knows none, as in a replay of files.
    static let none = BlockVersion(stamp: .min, epoch: .min)

    var stamp: Int64
    var epoch: Int64
    /// Whether the record of the block says by which definition it was counted. Its key does too, then.
    var isBound = false

    init(stamp: Int64, epoch: Int64) {
        self.stamp = stamp
        self.epoch = epoch
    }

    init(_ record: WindowRecord) {
        self.init(stamp: record.stamp ?? .min, epoch: record.epoch ?? .min)
        isBound = record.terms.definition != nil
    }

    static func < (left: BlockVersion, right: BlockVersion) -> Bool {
        (left.stamp, left.epoch) < (right.stamp, right.epoch)
    }
}
