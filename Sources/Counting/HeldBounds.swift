/// How much may be counted and not handed over, over all objectives and rollups of a counter, and of a worker's counters
/// together. Beyond it what is there is handed over, in a flush or to a replay's ledgers and files, and counting goes on: no
/// count is lost, however many objectives there are and however far apart records lie.
package struct HeldBounds {
    /// About 32 MiB: 74,000 windows of one group.
    package let bytesMax: Int
    /// Of windows of objectives, which are added up in a smaller form then.
    let indicatorBytesMax: Int

    /// - Parameter engines: one for each rollup and each source of each objective. Each has room for a few windows, or ten
    ///   thousand objectives would be handed over after every message.
    package init(engines: Int) {
        bytesMax = max(32 << 20, engines * HeldBounds.engineBytes)
        indicatorBytesMax = bytesMax / 4
    }

    private static let engineBytes = 16 * 450
}
