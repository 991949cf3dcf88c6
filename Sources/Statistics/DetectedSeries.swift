/// A series under a detector: what is usual in it, and, while it deviates, what it has been like since.
///
/// A value that is flagged is not learnt: else what goes on for some time would become usual while it goes on, and an alert of it
/// would end before it does. It is learnt apart. When the deviation has lasted for so many values that it is no trouble but a
/// change, what was learnt apart is what is usual from then on.
public struct DetectedSeries: Sendable, Equatable, BitwiseCopyable {
    /// By what a series is judged.
    public struct Terms: Sendable, Equatable, BitwiseCopyable {
        public static let defaultAcceptAfter = 120

        public let detector: Detector
        /// After so many values a deviation is accepted; at least 1.
        public let acceptAfter: Int64
        /// With so many usual values in a row a deviation is over; at least 1.
        public let settleAfter: Int64

        public init(_ detector: Detector, acceptAfter: Int, settleAfter: Int = 1) {
            self.detector = detector
            self.acceptAfter = Int64(max(1, acceptAfter))
            self.settleAfter = Int64(max(1, settleAfter))
        }
    }

    /// What came since a series deviates.
    public struct Deviation: Sendable, Equatable, BitwiseCopyable {
        /// What would be usual, learnt from all values since.
        public var state: Detector.State
        public var values: Int64
        /// So many of them, at the end, are usual by what was learnt before.
        public var settled: Int64

        public init(state: Detector.State, values: Int64 = 0, settled: Int64 = 0) {
            self.state = state
            self.values = values
            self.settled = settled
        }
    }

    public private(set) var usual: Detector.State
    public private(set) var deviation: Deviation?

    public init(usual: Detector.State, deviation: Deviation? = nil) {
        self.usual = usual
        self.deviation = deviation
    }

    /// No value came yet.
    public var isEmpty: Bool { usual.count == 0 && deviation == nil }

    public init(_ terms: Terms) { self.init(usual: terms.detector.initial) }

    /// Judges a value, then learns from it.
    ///
    /// - Parameters:
    ///   - isUnusual: whatever the method says of it, as where it is beyond a limit. However long that lasts it is not accepted.
    ///   - peers: what is usual in other series, by which it is judged as long as too little is known of this one.
    /// - Returns: the judgement; and after how many values the deviation, this one included, is what is usual from now on.
    public mutating func observe(
        _ value: Double, _ terms: Terms, isUnusual: Bool = false, peers: PeerRange? = nil
    ) -> (judgement: Judgement, acceptedAfter: Int64?) {
        let own = terms.detector.judge(value, by: usual)
        let judgement = own.isWarm ? own : peers?.judge(value, terms.detector) ?? own
        guard judgement.isFlagged || isUnusual else {
            terms.detector.learn(value, into: &usual)
            guard var current = deviation, value.isFinite else { return (judgement, nil) }
            terms.detector.learn(value, into: &current.state)
            current.values += 1
            current.settled += 1
            deviation = current.settled >= terms.settleAfter ? nil : current
            return (judgement, nil)
        }
        let anew = Deviation(state: terms.detector.initial)
        var current = isUnusual ? anew : deviation ?? anew
        terms.detector.learn(value, into: &current.state)
        current.values += 1
        current.settled = 0
        guard current.values >= terms.acceptAfter else {
            deviation = current
            return (judgement, nil)
        }
        // It is known by these, however many values a series takes at first.
        usual = terms.detector.known(current.state)
        deviation = nil
        return (judgement, current.values)
    }
}
