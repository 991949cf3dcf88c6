import Statistics

/// What some partitions hold, each in its own order, and which objectives read them: all that judgements may follow from.
///
/// Times are whole numbers; a slice has `sliceLength` of them.
struct JudgedHistory {
    enum Item {
        case record(time: Int, isGood: Bool)
        /// The partition was read to its end when the clock was here.
        case idle(through: Int)
    }

    struct Partition {
        /// An index into `lateness`.
        let input: Int
        var items: [Item] = []
    }

    static let sliceLength = 10
    /// Of an objective's one alert.
    static let lookback = 3 * sliceLength

    /// By input; one is no multiple of a slice.
    let lateness = [40, 15]
    /// How many arrivals of a slice and an input are kept apart.
    var laterMax = Int.max
    /// By objective, the inputs that it reads.
    let objectives: [Set<Int>]
    private(set) var partitions: [Partition]

    /// One partition alone, for the objectives of its input.
    init(of partition: Partition) {
        objectives = [[partition.input]]
        partitions = [partition]
    }

    /// Whether records may be dated before an idle mark of their own partition.
    init(seed: UInt64, isBehindIdleMarks: Bool) {
        objectives = [[0], [1], [0, 1]]
        var random = SeededGenerator(seed: seed)
        partitions = (0..<2 + random.below(4)).map { Partition(input: $0 < 2 ? $0 : random.below(2)) }
        let outage = 60 + random.below(100)..<160 + random.below(100)
        for place in partitions.indices {
            // One that stalls ends before the others.
            let end = random.chance(0.3) ? 100 + random.below(150) : 400
            var (now, least) = (random.below(20), 0)
            while now < end {
                if random.chance(0.05) {
                    now += random.below(60)
                    partitions[place].items.append(.idle(through: now))
                    if !isBehindIdleMarks { least = now }
                }
                var time = random.chance(0.25) ? now - random.below(80) : now
                time = max(time, least)
                let isGood = random.chance(outage.contains(time) ? 0.1 : 0.9)
                partitions[place].items.append(.record(time: time, isGood: isGood))
                now += random.below(9)
            }
        }
    }

    /// The end of the slice that holds `time`.
    static func sliceEnd(_ time: Int) -> Int { (time / sliceLength + 1) * sliceLength }

    func partitions(of objective: Int) -> [Int] {
        partitions.indices.filter { objectives[objective].contains(partitions[$0].input) }
    }

    func longestLateness(of objective: Int) -> Int { objectives[objective].map { lateness[$0] }.max() ?? 0 }
}

/// Records of a look-back.
struct JudgedCounts: Hashable {
    var good = 0
    var total = 0

    static func += (left: inout JudgedCounts, right: JudgedCounts) {
        left.good += right.good
        left.total += right.total
    }

    /// Over half of the records are bad.
    var isBurning: Bool { 2 * (total - good) > total }
}

/// Which judgement.
struct JudgementPlace: Hashable, Comparable {
    let objective: Int
    /// When it is decided, in event time: at the slice's end, and for the final one the longest lateness later.
    let date: Int
    let sliceEnd: Int
    let isFinal: Bool

    static func < (left: JudgementPlace, right: JudgementPlace) -> Bool {
        (left.date, left.isFinal ? 1 : 0) < (right.date, right.isFinal ? 1 : 0)
    }
}

struct JudgedTransition: Hashable {
    let date: Int
    let sliceEnd: Int
    let isOpen: Bool
}

/// The life of an objective's alert, which follows from its judgements in their order.
struct JudgedAlert {
    private(set) var isOpen = false
    /// The newest slice of which a judgement said that it burns.
    private var burningSlice = 0

    /// A look-back without records changes nothing, so it is not handed over.
    mutating func take(_ place: JudgementPlace, isBurning: Bool) -> JudgedTransition? {
        if isBurning { burningSlice = max(burningSlice, place.sliceEnd) }
        let isEnding = place.isFinal && !isBurning && place.sliceEnd > burningSlice
        guard isOpen ? isEnding : isBurning else { return nil }
        isOpen.toggle()
        return JudgedTransition(date: place.date, sliceEnd: place.sliceEnd, isOpen: isOpen)
    }
}
