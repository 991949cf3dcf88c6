/// A method that tells what is unusual in a series, with its parameters: a closed set.
///
/// A method is a file (parameters, state, `judge` and `learn`), a case here and in `State`, the form of its state in
/// `Signals/DetectorState+JSON.swift`, and its keys in `Settings`. Nobody else knows one method from another.
public enum Detector: Sendable, Equatable, BitwiseCopyable {
    case ewma(EWMA.Parameters)

    /// What a method knows of a series.
    public enum State: Sendable, Equatable, BitwiseCopyable {
        case ewma(EWMA)

        /// How many values it has learnt.
        public var count: Int64 {
            switch self {
            case .ewma(let series): series.count
            }
        }

        /// Of a series without values.
        public var initial: State {
            switch self {
            case .ewma: .ewma(EWMA())
            }
        }
    }

    /// Of a series without values.
    public var initial: State {
        switch self {
        case .ewma: .ewma(EWMA())
        }
    }

    /// Several series taken as one; `nil` where that is not possible.
    func pooled(_ states: [State]) -> State? {
        switch self {
        case .ewma:
            let series = states.map { state in
                switch state {
                case .ewma(let series): series
                }
            }
            return EWMA.pooled(series).map { .ewma($0) }
        }
    }

    /// The same as one that is known well enough to be judged by, however few values it has.
    func known(_ state: State) -> State {
        switch (self, state) {
        case (.ewma(let parameters), .ewma(let series)): .ewma(series.known(parameters))
        }
    }

    /// Whether enough values were learnt for the next one to be flagged.
    public func isWarm(_ state: State) -> Bool {
        switch (self, state) {
        case (.ewma(let parameters), .ewma(let series)): series.isWarm(parameters)
        }
    }

    /// Judges a value by what was learnt before it.
    public func judge(_ value: Double, by state: State) -> Judgement {
        switch (self, state) {
        case (.ewma(let parameters), .ewma(let series)): series.judge(value, parameters)
        }
    }

    public func learn(_ value: Double, into state: inout State) {
        switch (self, state) {
        case (.ewma(let parameters), .ewma(var series)):
            series.learn(value, parameters)
            state = .ewma(series)
        }
    }
}
