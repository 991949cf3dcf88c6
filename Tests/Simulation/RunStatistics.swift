/// What happened, summed over seeds.
struct RunStatistics {
    var steps = 0
    var crashes = 0
    var rebalances = 0
    var zombieCommits = 0
    var zombieUpdates = 0
    var repeatedUpdates = 0
    var repeatedAlerts = 0
    var alerts = 0
    var pages = 0
    var lostAcknowledgements = 0
    var gaps = 0
    var compactions = 0
    var groupsDeleted = 0
    var records = 0
    var unfitHints = 0
    /// Of processes that could not read an entry, or found a topic of state altered.
    var stops = 0
    /// Runs in which an objective was defined anew.
    var releases = 0
    /// Records that were dated too far ahead of the clock, by shard.
    var refused = 0

    /// Runs whose transitions were held against a replay.
    var replays = 0

    private static let numbers: [WritableKeyPath<RunStatistics, Int> & Sendable] = [
        \.steps, \.crashes, \.rebalances, \.zombieCommits, \.zombieUpdates, \.repeatedUpdates, \.repeatedAlerts,
        \.alerts, \.pages, \.lostAcknowledgements, \.gaps, \.compactions, \.groupsDeleted, \.records, \.unfitHints,
        \.stops, \.releases, \.refused, \.replays,
    ]

    mutating func add(_ other: RunStatistics) {
        for number in RunStatistics.numbers { self[keyPath: number] += other[keyPath: number] }
    }
}
