/// The definition of judgements: for each slice what is in it, by each partition's own order alone.
struct JudgementReference {
    private(set) var judgements: [JudgementPlace: JudgedCounts] = [:]
    /// By objective.
    private(set) var transitions: [[JudgedTransition]] = []

    init(_ history: JudgedHistory) {
        for objective in history.objectives.indices {
            transitions.append([])
            var alert = JudgedAlert()
            let reach = history.partitions(of: objective).map { history.partitions[$0].reach }.min() ?? 0
            for place in JudgementReference.places(of: objective, history, through: reach) {
                let counts = JudgementReference.counts(place, history)
                guard counts.total > 0 else { continue }
                judgements[place] = counts
                if let transition = alert.take(place, isBurning: counts.isBurning) {
                    transitions[objective].append(transition)
                }
            }
        }
    }

    private static func places(
        of objective: Int, _ history: JudgedHistory, through reach: Int
    ) -> [JudgementPlace] {
        let ends = stride(from: JudgedHistory.sliceLength, through: max(0, reach), by: JudgedHistory.sliceLength)
        let longest = history.longestLateness(of: objective)
        return ends.flatMap { end in
            [
                JudgementPlace(objective: objective, date: end, sliceEnd: end, isFinal: false),
                JudgementPlace(objective: objective, date: end + longest, sliceEnd: end, isFinal: true),
            ]
        }.filter { $0.date <= reach }.sorted()
    }

    /// Records of the look-back that arrived before the slice's end, or the input's lateness after it.
    private static func counts(_ place: JudgementPlace, _ history: JudgedHistory) -> JudgedCounts {
        var counts = JudgedCounts()
        for number in history.partitions(of: place.objective) {
            let partition = history.partitions[number]
            let cut = place.sliceEnd + (place.isFinal ? history.lateness[partition.input] : 0)
            var arrival = Int.min
            for case .record(let time, let isGood) in partition.items {
                arrival = max(arrival, time)
                guard (place.sliceEnd - JudgedHistory.lookback..<place.sliceEnd).contains(time), arrival < cut else {
                    continue
                }
                counts += JudgedCounts(good: isGood ? 1 : 0, total: 1)
            }
        }
        return counts
    }
}

extension JudgedHistory.Partition {
    fileprivate var reach: Int {
        items.reduce(Int.min) { reach, item in
            switch item {
            case .record(let time, _): max(reach, time)
            case .idle(let through): max(reach, through)
            }
        }
    }
}
