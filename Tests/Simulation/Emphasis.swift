/// What some seeds do far more often than chance would have it, so that rare coincidences come up within a few seeds.
enum Emphasis: CaseIterable {
    /// The count group is deleted again and again, and what a member sends in a takeover may be held up: its claim comes when the next
    /// group's owner counts.
    case deletedGroups
    /// Claims are held up on their way to one of the shards, while topics are made anew: an owner that was followed counts on in that
    /// shard alone.
    case laggingShard
    /// Evaluators are replaced and topics compacted while restarts read, a few records at a time.
    case slowRestores

    /// How much more often than in other seeds a step is drawn; see `Step.Kind.weight`.
    var extraWeights: [Step.Kind: Int] {
        switch self {
        case .deletedGroups: [.deleteGroup: 3, .join: 8, .holdUp: 16, .crash: 4, .flush: 50]
        case .laggingShard: [.recreate: 12, .join: 2, .declareDead: 4, .holdUp: 10, .flush: 50, .publish: 60]
        case .slowRestores: [.replaceEvaluator: 12, .crashEvaluator: 6, .compact: 32, .turn: 40, .evaluate: 150]
        }
    }

    /// The shards in whose logs a member's records are held up.
    func heldUpShards(_ shard: Int) -> Range<Int> {
        self == .laggingShard ? shard..<shard + 1 : 0..<Estate.shards.count
    }
}
