import Statistics

/// How a receiver answers, request by request: in turns it takes what comes, is broken, is overloaded, says nothing.
struct AnswerPlan {
    enum Answer: Equatable {
        /// With 2xx, after so long.
        case take(delay: Duration)
        case refuse(status: Int, retryAfter: Int?)
        /// Nothing comes until the client gives up.
        case silence

        var word: String {
            switch self {
            case .take: "202"
            case .refuse(let status, _): "\(status)"
            case .silence: "silence"
            }
        }
    }

    private enum Mood { case well, broken, busy, overloaded, silent }

    private var random: SeededGenerator
    private var mood = Mood.well
    private var left = 0
    /// From now on it takes all.
    var isCalm = false

    init(seed: UInt64) { random = SeededGenerator(seed: seed) }

    mutating func next() -> Answer {
        // Drawn whether or not it is calm, so that equal seeds give equal plans.
        if left == 0 {
            left = 1 + random.below(4)
            // A silent one costs the sender eight seconds, an overloaded one fifteen.
            mood = random.pick([.well, .well, .well, .well, .well, .well, .broken, .broken, .busy])
            if random.chance(0.08) { mood = .overloaded }
            if random.chance(0.08) { mood = .silent }
            if mood == .overloaded || mood == .silent { left = 1 }
        }
        left -= 1
        let delay = Duration.milliseconds(random.below(120))
        if isCalm { return .take(delay: .zero) }
        return switch mood {
        case .well: .take(delay: delay)
        case .broken: .refuse(status: 500, retryAfter: nil)
        case .busy: .refuse(status: 503, retryAfter: 1)
        case .overloaded: .refuse(status: 429, retryAfter: 1)
        case .silent: .silence
        }
    }
}
