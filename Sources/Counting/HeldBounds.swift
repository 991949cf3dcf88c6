/// How much may be counted and not handed over, over all objectives and rollups of a counter, the keys of their groups included, and
/// of a worker's counters together. Beyond it what is there is handed over, in a flush or to a replay's ledgers and files, and
/// counting goes on: no count is lost and no group is folded, however many objectives and groups there are and however far apart
/// records lie.
package struct HeldBounds {
    /// About 32 MiB: 74,000 windows of one group, or 27,000 groups whose values have a kilobyte.
    package let bytesMax: Int
    /// Of windows of objectives, which are added up in a smaller form then.
    let indicatorBytesMax: Int

    /// Of slices of objectives, as they lie, for ledgers that take them a little at a time: each time all ledgers are gone through, of which a
    /// cache holds few.
    var slicesBytesMax: Int { bytesMax / 2 }

    /// - Parameter engines: one for each rollup and each source of each objective. Each has room for a few windows, or ten
    ///   thousand objectives would be handed over after every message.
    package init(engines: Int) {
        bytesMax = max(32 << 20, engines * HeldBounds.engineBytes)
        indicatorBytesMax = bytesMax / 4
    }

    /// Of what a worker has handed over and is not acknowledged. Beyond it what is held is kept, and reading waits.
    package var onTheirWayBytesMax: Int { bytesMax / 2 }

    private static let engineBytes = 16 * 450
}
