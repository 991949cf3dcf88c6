import Statistics

/// What is fixed for a seed: how many of each there are, and how often what happens.
struct Plan {
    let seed: UInt64
    let partitions: Int
    /// Of 100 records, how many go to each partition.
    let traffic: [Int]
    /// Topics are made anew, and records are lost before they were counted.
    let hasLostTopics: Bool
    /// The next release defines an objective anew.
    let hasNextRelease: Bool
    /// A newer release writes entries that older members can't read.
    let hasNewerForm: Bool
    /// Somebody gives a topic of state another number of partitions.
    let hasAlteredTopics: Bool
    /// The count group changes more often than it comes to rest.
    let isRestless: Bool
    /// Some records are dated in the future.
    let hasRecordsAhead: Bool
    let emphasis: Emphasis?
    /// From which steps are drawn.
    let deck: [Step.Kind]
    /// Of the generators for what has to do with clocks.
    static let clocks: UInt64 = 0xC10C

    init(seed: UInt64) {
        var random = SeededGenerator(seed: ~seed)
        self.seed = seed
        partitions = 2 + random.below(2)
        // Some partitions have hardly any records.
        traffic = (0..<partitions).map { $0 == 0 ? 50 : [50, 20, 1][random.below(3)] }
        let hasLostTopics = random.chance(0.4)
        hasNextRelease = random.chance(0.3)
        hasNewerForm = random.chance(0.2)
        hasAlteredTopics = random.chance(0.2)
        isRestless = random.chance(0.3)
        emphasis = random.chance(0.3) ? Emphasis.allCases[random.below(Emphasis.allCases.count)] : nil
        deck = Step.deck(isRestless: isRestless, emphasis)
        self.hasLostTopics = hasLostTopics || emphasis == .laggingShard
        // Drawn apart, as all that has to do with clocks: so the seeds that are recorded keep their meaning.
        var clocks = SeededGenerator(seed: seed ^ Plan.clocks)
        hasRecordsAhead = clocks.chance(0.4)
    }
}

/// One step of a schedule. All that is left to chance in it follows from `dice`, so a step does the same wherever it
/// stands, and a schedule from which steps were taken out can be run again.
struct Step {
    enum Kind: CaseIterable {
        case produce, count, flush, publish, append, acknowledge, loseAcknowledgement, commit
        case evaluate, turn, compact, holdUp
        case join, crash, declareDead, notice, rebalance, revoke, deleteGroup
        case replaceEvaluator, crashEvaluator, handOver
        case expire, recreate, release, alter
        case deliver, answer, writeLog, pass, crashPager, rebalancePager, writeLate

        /// How often the step is drawn.
        var weight: Int {
            switch self {
            case .produce: 90
            case .count: 260
            case .flush: 50
            case .publish: 120
            case .append: 260
            case .acknowledge: 260
            case .loseAcknowledgement: 6
            case .commit: 30
            case .evaluate: 150
            case .turn: 10
            case .compact: 4
            case .holdUp: 0
            case .join, .crash, .declareDead, .notice: 2
            case .rebalance: 8
            case .revoke: 3
            case .deleteGroup: 1
            case .replaceEvaluator: 2
            case .crashEvaluator: 3
            case .handOver: 2
            case .expire: 2
            case .recreate, .release, .alter: 1
            case .deliver, .answer, .writeLog: 20
            case .pass: 4
            case .crashPager, .rebalancePager: 1
            case .writeLate: 4
            }
        }
    }

    let kind: Kind
    let dice: UInt64

    private static let deck = cards(Dictionary(uniqueKeysWithValues: Kind.allCases.map { ($0, $0.weight) }))
    private static let restlessDeck: [Kind] =
        deck
        + [.join, .crash, .declareDead, .notice, .deleteGroup].flatMap { Array(repeating: $0, count: 5 * $0.weight) }

    private static func cards(_ weights: [Kind: Int]) -> [Kind] {
        Kind.allCases.flatMap { Array(repeating: $0, count: weights[$0] ?? 0) }
    }

    static func deck(isRestless: Bool, _ emphasis: Emphasis?) -> [Kind] {
        (isRestless ? restlessDeck : deck) + cards(emphasis?.extraWeights ?? [:])
    }

    static func draw(_ random: inout SeededGenerator, from deck: [Kind]) -> Step {
        Step(kind: deck[random.below(deck.count)], dice: random.next())
    }
}
