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

    /// - Parameters:
    ///   - latenessNanoseconds: of inputs that are not named; these may hold every kind.
    ///   - inputs: by topic.
    public init(latenessNanoseconds: Int64, inputs: [String: Input] = [:]) {
        self.inputs = inputs
        other = Input(kinds: Set(EventKind.allCases), latenessNanoseconds: latenessNanoseconds)
    }

    /// With one event time for all: where records can't tell more.
    public var withOneTime: InputTerms {
        var terms = self
        terms.inputs = inputs.mapValues {
            Input(kinds: other.kinds, latenessNanoseconds: $0.latenessNanoseconds)
        }
        return terms
    }

    subscript(topic: String) -> Input { inputs[topic] ?? other }
}

/// The partitions that event time waits for, by input.
struct ExpectedSources {
    private var inputs: [(input: InputTerms.Input, sources: [SourcePartition])] = []
    /// By kind, the places in `inputs` of those that may hold it. For a kind that none does, all inputs are waited for.
    private var places: [(kind: EventKind, inputs: [Int])] = []

    init(_ sources: Set<SourcePartition>, _ terms: InputTerms) {
        inputs = Dictionary(grouping: sources, by: \.topic).map { (terms[$0.key], $0.value) }
        places = EventKind.allCases.map { kind in
            let holding = inputs.indices.filter { inputs[$0].input.kinds.contains(kind) }
            return (kind, holding.isEmpty ? Array(inputs.indices) : holding)
        }
    }

    /// Up to when windows are over: of each kind the slowest partition decides, less its input's lateness. Not known before
    /// each of them was heard of.
    func closed(_ reach: (SourcePartition) -> Timestamp?) -> EventTimes {
        let closed = inputs.map { input, sources in
            var slowest: Timestamp?
            for source in sources {
                guard let reach = reach(source) else { return Timestamp?.none }
                slowest = min(slowest ?? reach, reach)
            }
            return slowest?.advanced(by: -input.latenessNanoseconds)
        }
        var times = EventTimes()
        for (kind, inputs) in places {
            let own = inputs.map { closed[$0] }
            times[kind] = own.contains(nil) ? nil : own.compactMap(\.self).min()
        }
        return times
    }
}
