/// The key of a record of the alert feed.
///
/// In the first form it is the dedup key, the same for all evaluators; then compaction keeps what was written last, which may be of
/// an evaluator that was declared dead. With the epoch behind it (`slo/api/page/…/12`) each evaluator has keys of its
/// own, and a reader takes the latest of all in event time, then in epoch.
public struct FeedKey: Sendable, Hashable, Comparable {
    public let dedupKey: DedupKey
    /// `nil` in the first form.
    public let epoch: Int64?

    public init(_ dedupKey: DedupKey, epoch: Int64?) {
        self.dedupKey = dedupKey
        self.epoch = epoch
    }

    public var text: String { epoch.map { "\(dedupKey.text)/\($0)" } ?? dedupKey.text }

    public static func < (left: FeedKey, right: FeedKey) -> Bool { left.text < right.text }
}
