/// An evaluator that judges as the log comes, publishes, dies and is restored: the same rules as production's, without anything else.
struct JudgementModel {
    /// Made on purpose, to show that the checker finds it.
    enum Mistake: CaseIterable {
        /// A judgement takes what is counted by now, whenever it arrived.
        case judgesWhatArrivedLater
        /// What was restored is taken for having arrived in time.
        case losesArrivalOnRestore
        case idleMarkIsAnArrival
        /// A final judgement is dated by the end of its slice.
        case datedBySlice
        /// All objectives wait for all inputs.
        case oneEventTime
        /// What arrived later joins the rest at its arrival, also where a final judgement waits for an input that is later still.
        case joinsTooEarly
        /// It joins by what was judged, which after a restart is ahead of the log, and not by the log.
        case joinsByWhatWasJudged
    }

    /// What the records between two points of a partition say.
    struct Update {
        let partition: Int
        fileprivate(set) var newest = Int.min
        fileprivate(set) var idleThrough = Int.min
        fileprivate(set) var amounts: [Amount: JudgedCounts] = [:]
        var reach: Int { max(newest, idleThrough) }
    }

    /// Of a slice; the arrival only of what arrived when its slice was over.
    struct Amount: Hashable, Comparable {
        let sliceEnd: Int
        let arrival: Int?

        static func < (left: Amount, right: Amount) -> Bool {
            (left.sliceEnd, left.arrival ?? Int.min) < (right.sliceEnd, right.arrival ?? Int.min)
        }
    }

    /// What arrived later, kept apart from the rest of its slice.
    struct Later: Hashable {
        let arrival: Int
        let input: Int
    }

    /// As a window record has it: what includes the log up to its stamp.
    struct Window {
        var counts = JudgedCounts()
        var later: [Later: JudgedCounts] = [:]
        var stamp = -1

        mutating func loseArrivals() {
            for counts in later.values { self.counts += counts }
            later = [:]
        }
    }

    struct ObjectiveState {
        var alert = JudgedAlert()
        /// All judgements dated by then were made.
        var judgedThrough = 0
        var transitions = 0
    }

    struct Checkpoint {
        var next = 0
        var reach: [Int: Int] = [:]
    }

    private let history: JudgedHistory
    private let mistake: Mistake?
    private(set) var states: [ObjectiveState]
    /// By objective and end of the slice.
    private(set) var windows: [[Int: Window]]
    private(set) var checkpoint: Checkpoint
    /// What came behind an idle mark, after judgements that it would have been in.
    private(set) var missed = 0
    /// Records that count as arrived later than they did, because as much as may be was kept apart already.
    private(set) var merged = 0
    /// Since the last call of `takeResults`.
    private var judgements: [(JudgementPlace, JudgedCounts)] = []
    private var transitions: [(objective: Int, number: Int, JudgedTransition)] = []

    init(_ history: JudgedHistory, _ mistake: Mistake?) {
        self.init(
            history, mistake, states: history.objectives.map { _ in ObjectiveState() },
            windows: history.objectives.map { _ in [:] }, checkpoint: Checkpoint())
    }

    init(
        _ history: JudgedHistory, _ mistake: Mistake?, states: [ObjectiveState], windows: [[Int: Window]],
        checkpoint: Checkpoint
    ) {
        (self.history, self.mistake, self.states, self.checkpoint) = (history, mistake, states, checkpoint)
        self.windows = windows
        guard mistake == .losesArrivalOnRestore else { return }
        for objective in windows.indices {
            for end in windows[objective].keys { self.windows[objective][end]?.loseArrivals() }
        }
    }

    // MARK: Counting

    /// What a partition's owner writes when it flushes before the items at `cuts`.
    static func updates(of number: Int, _ history: JudgedHistory, cuts: Set<Int>, _ mistake: Mistake?) -> [Update] {
        var updates: [Update] = []
        var update = Update(partition: number)
        for (place, item) in history.partitions[number].items.enumerated() {
            if cuts.contains(place) {
                updates.append(update)
                update.amounts = [:]
            }
            switch item {
            case .idle(let through): update.idleThrough = max(update.idleThrough, through)
            case .record(let time, let isGood):
                update.newest = max(update.newest, time)
                let arrival = mistake == .idleMarkIsAnArrival ? update.reach : update.newest
                let end = JudgedHistory.sliceEnd(time)
                let amount = Amount(sliceEnd: end, arrival: arrival >= end ? arrival : nil)
                update.amounts[amount, default: JudgedCounts()] += JudgedCounts(good: isGood ? 1 : 0, total: 1)
            }
        }
        return updates + [update]
    }

    // MARK: Evaluating

    mutating func read(_ update: Update) {
        let input = history.partitions[update.partition].input
        for objective in history.objectives.indices where history.objectives[objective].contains(input) {
            let included = windows[objective].filter { $0.value.stamp >= checkpoint.next }
            // In one order, as what is merged depends on it.
            for (amount, counts) in update.amounts.sorted(by: { $0.key < $1.key })
            where included[amount.sliceEnd] == nil {
                add(counts, amount, input, to: objective)
            }
        }
        checkpoint.next += 1
        checkpoint.reach[update.partition] = update.reach
        for objective in history.objectives.indices { judge(objective) }
    }

    private mutating func add(_ counts: JudgedCounts, _ amount: Amount, _ input: Int, to objective: Int) {
        var window = windows[objective][amount.sliceEnd] ?? Window()
        window.stamp = checkpoint.next
        if let arrival = amount.arrival {
            window.later[Later(arrival: arrival, input: input), default: JudgedCounts()] += counts
            merge(&window, input)
        } else {
            window.counts += counts
        }
        windows[objective][amount.sliceEnd] = window
        let places = places(of: objective, ofSlicesFrom: amount.sliceEnd)
        if places.contains(where: { $0.date <= states[objective].judgedThrough && holds($0, amount, input) }) {
            missed += counts.total
        }
    }

    /// Keeps no more apart than may be: of one input, what arrived first joins what arrived next.
    private mutating func merge(_ window: inout Window, _ input: Int) {
        let arrivals = window.later.keys.filter { $0.input == input }.sorted { $0.arrival < $1.arrival }
        guard arrivals.count > history.laterMax, let counts = window.later.removeValue(forKey: arrivals[0]) else {
            return
        }
        window.later[arrivals[1], default: JudgedCounts()] += counts
        merged += counts.total
    }

    /// Whether what arrived so is in a judgement.
    private func holds(_ place: JudgementPlace, _ amount: Amount, _ input: Int) -> Bool {
        guard amount.sliceEnd <= place.sliceEnd, amount.sliceEnd > place.sliceEnd - JudgedHistory.lookback else {
            return false
        }
        if mistake == .judgesWhatArrivedLater { return true }
        guard let arrival = amount.arrival else { return true }
        return arrival < place.sliceEnd + (place.isFinal ? history.lateness[input] : 0)
    }

    /// Judgements whose look-back holds the slice that ends at `end`.
    private func places(of objective: Int, ofSlicesFrom end: Int) -> [JudgementPlace] {
        let longest = history.longestLateness(of: objective)
        return stride(from: end, to: end + JudgedHistory.lookback, by: JudgedHistory.sliceLength).flatMap { end in
            [false, true].map {
                JudgementPlace(objective: objective, date: end + ($0 ? longest : 0), sliceEnd: end, isFinal: $0)
            }
        }
    }

    private func places(of objective: Int, after: Int, through date: Int) -> [JudgementPlace] {
        let longest = history.longestLateness(of: objective)
        func places(isFinal: Bool) -> [JudgementPlace] {
            let wait = isFinal ? longest : 0
            let first = JudgedHistory.sliceEnd(max(0, after - wait))
            return stride(from: first, through: max(0, date - wait), by: JudgedHistory.sliceLength).map {
                JudgementPlace(objective: objective, date: $0 + wait, sliceEnd: $0, isFinal: isFinal)
            }
        }
        return (places(isFinal: false) + places(isFinal: true)).filter { $0.date > after }.sorted()
    }

    private mutating func judge(_ objective: Int) {
        let waited = mistake == .oneEventTime ? Array(history.partitions.indices) : history.partitions(of: objective)
        let reached = waited.map { checkpoint.reach[$0] ?? Int.min }.min() ?? Int.min
        defer {
            joinLater(
                of: objective,
                reached: mistake == .joinsByWhatWasJudged ? states[objective].judgedThrough : reached)
        }
        guard reached > states[objective].judgedThrough else { return }
        for place in places(of: objective, after: states[objective].judgedThrough, through: reached) {
            let counts = counts(place)
            guard counts.total > 0 else { continue }
            let dated =
                mistake != .datedBySlice
                ? place
                : JudgementPlace(
                    objective: objective, date: place.sliceEnd, sliceEnd: place.sliceEnd, isFinal: place.isFinal)
            judgements.append((dated, counts))
            if let transition = states[objective].alert.take(dated, isBurning: counts.isBurning) {
                transitions.append((objective, states[objective].transitions, transition))
                states[objective].transitions += 1
            }
        }
        states[objective].judgedThrough = reached
    }

    /// What no judgement leaves out any more need not be kept apart.
    private mutating func joinLater(of objective: Int, reached: Int) {
        let longest = history.longestLateness(of: objective)
        for end in windows[objective].keys {
            guard var window = windows[objective][end], !window.later.isEmpty else { continue }
            for (later, counts) in window.later {
                let wait = mistake == .joinsTooEarly ? 0 : longest - history.lateness[later.input]
                guard later.arrival + wait <= reached else { continue }
                window.counts += counts
                window.later[later] = nil
            }
            windows[objective][end] = window
        }
    }

    /// How much is kept apart.
    var laterCount: Int { windows.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.later.count } } }

    private func counts(_ place: JudgementPlace) -> JudgedCounts {
        var sum = JudgedCounts()
        let first = place.sliceEnd - JudgedHistory.lookback + JudgedHistory.sliceLength
        for end in stride(from: first, through: place.sliceEnd, by: JudgedHistory.sliceLength) {
            guard let window = windows[place.objective][end] else { continue }
            sum += window.counts
            for (later, counts) in window.later
            where holds(place, Amount(sliceEnd: end, arrival: later.arrival), later.input) { sum += counts }
        }
        return sum
    }

    // MARK: Publishing

    typealias Results = (
        judgements: [(JudgementPlace, JudgedCounts)], transitions: [(objective: Int, number: Int, JudgedTransition)]
    )

    mutating func takeResults() -> Results {
        defer { (judgements, transitions) = ([], []) }
        return (judgements, transitions)
    }
}
