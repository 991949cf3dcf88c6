/// How a partition of the feed is begun, by what the sink's group has committed of it and what the topic holds.
public struct FeedBeginning: Sendable, Equatable {
    public let offset: FeedOffset
    /// Whether the records before the offset are to be read first, as history.
    public let hasHistory: Bool
    /// How many partitions the topic of notifications had when the offset was committed; nil where nothing says so.
    public let logPartitions: Int32?

    /// - Parameters:
    ///   - committed: nil where the group has committed nothing.
    ///   - low: the first offset that the topic has.
    ///   - high: the offset after the last one.
    public init(partition: Int32, committed: (next: Int64, metadata: String)?, low: Int64, high: Int64) {
        guard let committed else {
            offset = FeedOffset(partition: partition, next: high, start: .connected)
            hasHistory = high > low
            logPartitions = nil
            return
        }
        let mark = FeedMark(committed.metadata)
        logPartitions = mark?.logPartitions
        // Beyond the end lies another topic of that name: what it holds is judged by the log.
        let isOther = committed.next > high
        let start = isOther ? .resumed : mark?.start ?? .takenOver
        offset = FeedOffset(partition: partition, next: isOther ? low : max(low, committed.next), start: start)
        hasHistory = start != .resumed && committed.next > low
    }
}
