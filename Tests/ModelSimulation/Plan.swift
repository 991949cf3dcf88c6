/// What is fixed for a seed: how many of each there are, and how often what happens.
struct Plan {
    let seed: UInt64
    let partitions: Int
    let shards: Int
    /// Of 100 records, how many go to each partition.
    let traffic: [Int]
    /// Of 1,000 steps that change the cluster, how many do what.
    let hasLostTopics: Bool

    init(seed: UInt64) {
        var generator = SeededGenerator(seed: seed &* 0x2545_F491_4F6C_DD1D &+ 1)
        self.seed = seed
        partitions = 2 + generator.below(3)
        shards = 2 + generator.below(2)
        // Some partitions have hardly any records.
        traffic = (0..<partitions).map { $0 == 0 ? 50 : [50, 20, 1][generator.below(3)] }
        hasLostTopics = generator.chance(40)
    }
}

/// One step of a schedule. All that is left to chance in it follows from `dice`, so a step does the same wherever it
/// stands, and a schedule from which steps were taken out can be run again.
struct Step {
    enum Kind: CaseIterable {
        case produce, count, seal, sayIdle, append, acknowledge, loseAcknowledgement, commit, letGo
        case evaluate, publish, publishClosed, compact
        case join, crash, declareDead, notice, rebalance, revoke, deleteGroup, replaceEvaluator, crashEvaluator
        case expire, recreate

        /// How often the step is drawn.
        var weight: Int {
            switch self {
            case .produce: 90
            case .count: 260
            case .seal: 50
            case .sayIdle: 10
            case .append: 260
            case .acknowledge: 260
            case .loseAcknowledgement: 6
            case .commit: 30
            case .letGo: 10
            case .evaluate: 150
            case .publish: 10
            case .publishClosed: 6
            case .compact: 4
            case .join, .crash, .declareDead: 2
            case .notice: 2
            case .rebalance: 8
            case .revoke: 3
            case .deleteGroup: 1
            case .replaceEvaluator: 2
            case .crashEvaluator: 3
            case .expire: 2
            case .recreate: 1
            }
        }
    }

    let kind: Kind
    let dice: UInt64

    private static let deck: [Kind] = Kind.allCases.flatMap { Array(repeating: $0, count: $0.weight) }

    static func draw(_ generator: inout SeededGenerator) -> Step {
        Step(kind: deck[generator.below(deck.count)], dice: generator.next())
    }
}
