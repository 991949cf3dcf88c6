/// What is usual in other series than one's own: by it the first values of a series are judged, of which too little is known yet.
///
/// What the others are expected to be, and how far from it a value has to be, comes of all of them, taken as one series: their mean, and
/// their variance, of each in itself and of the means among one another. Besides, a value is usual that is usual in any one of the others: some series are
/// larger than most, and a new one may be as large. It does not depend on the order of the others.
public struct PeerRange: Sendable, Equatable, BitwiseCopyable {
    /// So few others say nothing. With ten, values of one distribution are beyond five of the deviations that are estimated here in some of a
    /// thousand cases.
    public static let countMin = 10

    /// How many others there are.
    public let count: Int
    private let pooled: Detector.State
    private let lowest: Double
    private let highest: Double

    /// `nil` where too few of the series are warm, and where their sums are past all numbers.
    public init?(_ states: [Detector.State], _ detector: Detector) {
        guard states.count >= PeerRange.countMin, let pooled = detector.pooled(states) else { return nil }
        count = states.count
        self.pooled = pooled
        var (lowest, highest) = (Double.infinity, -Double.infinity)
        for state in states {
            let usual = detector.judge(0, by: state)
            lowest = min(lowest, usual.low)
            highest = max(highest, usual.high)
        }
        (self.lowest, self.highest) = (lowest, highest)
    }

    func judge(_ value: Double, _ detector: Detector) -> Judgement {
        var judgement = detector.judge(value, by: pooled)
        judgement.low = min(judgement.low, lowest)
        judgement.high = max(judgement.high, highest)
        if value >= judgement.low, value <= judgement.high { judgement.score = min(judgement.score, 0.5.nextDown) }
        return judgement
    }
}
