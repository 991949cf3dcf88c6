import TelemetryModel

/// What event time has to know of the inputs: which kinds of event each may hold, and how long windows wait for what is late
/// in it.
public struct InputTerms: Sendable {
    public struct Input: Sendable {
        public let kinds: Set<EventKind>
        public let latenessNanoseconds: Int64

        public init(kinds: Set<EventKind>, latenessNanoseconds: Int64) {
            self.kinds = kinds
            self.latenessNanoseconds = latenessNanoseconds
        }
    }

    private var inputs: [String: Input]
    private let other: Input
    /// Records don't tell arrivals: a slice is judged once, when its lateness is over.
    public private(set) var judgesOnce = false

    /// - Parameters:
    ///   - latenessNanoseconds: of inputs that are not named; these may hold every kind.
    ///   - inputs: by topic.
    public init(latenessNanoseconds: Int64, inputs: [String: Input] = [:]) {
        self.inputs = inputs
        other = Input(kinds: Set(EventKind.allCases), latenessNanoseconds: latenessNanoseconds)
    }

    /// With one event time for all, and one judgement: where records can't tell more.
    public var withOneTime: InputTerms {
        var terms = self
        terms.judgesOnce = true
        terms.inputs = inputs.mapValues {
            Input(kinds: other.kinds, latenessNanoseconds: $0.latenessNanoseconds)
        }
        return terms
    }

    /// Of an input, by its topic.
    public func lateness(of topic: String) -> Int64 { self[topic].latenessNanoseconds }

    /// The longest lateness of inputs that may hold one of these kinds; of all where none does, as event time waits for all then.
    public func longestLateness(of kinds: Set<EventKind>) -> Int64 {
        let holding = inputs.values.filter { !$0.kinds.isDisjoint(with: kinds) }
        let waited = holding.isEmpty ? Array(inputs.values) : holding
        return waited.map(\.latenessNanoseconds).max() ?? other.latenessNanoseconds
    }

    subscript(topic: String) -> Input { inputs[topic] ?? other }
}

/// The partitions that event time waits for, by input.
struct ExpectedSources {
    private var inputs: [(input: InputTerms.Input, sources: [SourcePartition])] = []
    private let judgesOnce: Bool
    /// By kind, the places in `inputs` of those that may hold it. For a kind that none does, all inputs are waited for.
    private var places: [(kind: EventKind, inputs: [Int])] = []

    init(_ sources: Set<SourcePartition>, _ terms: InputTerms) {
        judgesOnce = terms.judgesOnce
        inputs = Dictionary(grouping: sources, by: \.topic).map { (terms[$0.key], $0.value) }
        places = EventKind.allCases.map { kind in
            let holding = inputs.indices.filter { inputs[$0].input.kinds.contains(kind) }
            return (kind, holding.isEmpty ? Array(inputs.indices) : holding)
        }
    }

    /// How far event time has come, and up to when windows are over: of each kind the slowest partition decides, for windows less its
    /// input's lateness. Not known before each of them was heard of.
    func times(_ reach: (SourcePartition) -> Timestamp?) -> (reached: EventTimes, closed: EventTimes) {
        let slowest = inputs.map { _, sources in
            var slowest: Timestamp?
            for source in sources {
                guard let reach = reach(source) else { return Timestamp?.none }
                slowest = min(slowest ?? reach, reach)
            }
            return slowest
        }
        var (reached, closed) = (EventTimes(), EventTimes())
        for (kind, inputs) in places {
            let own = inputs.map { slowest[$0] }
            if own.contains(nil) { continue }
            reached[kind] = own.compactMap(\.self).min()
            closed[kind] = inputs.compactMap { slowest[$0]?.advanced(by: -self.inputs[$0].input.latenessNanoseconds) }
                .min()
        }
        return (judgesOnce ? closed : reached, closed)
    }
}
