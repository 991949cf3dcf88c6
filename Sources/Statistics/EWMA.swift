/// Exponentially weighted mean and variance of a series, which flags values far from what came before.
///
/// Each value is judged by the state before it. One that is learnt changes it so:
/// d = x − mean, mean += α·d, variance = (1 − α)(variance + α·d²), beginning at (first value, 0).
/// Source: Finch, "Incremental calculation of weighted mean and variance" (2009), section 9.
///
/// A series that hardly moves has a deviation of next to nothing, by which anything is unusual. A floor holds it up: what is
/// counted deviates by one, and half a percent of a hundred is no news.
///
/// A value that is not finite changes nothing and is not flagged. No allocation.
public struct EWMA: Sendable, Equatable, BitwiseCopyable {
    /// How a series is judged.
    public struct Parameters: Sendable, Equatable, BitwiseCopyable {
        /// The weight of the newest value: above 0, at most 1.
        public let alpha: Double
        /// Standard deviations beyond which a value is flagged; above 0.
        public let threshold: Double
        /// Values that must come before one that may be flagged; 0 or more.
        public let warmup: Int
        /// The least deviation that is counted with; 0 or more.
        public let floor: Floor

        /// `nil` when a parameter is outside its range.
        public init?(alpha: Double, threshold: Double, warmup: Int, floor: Floor = Floor()) {
            guard alpha > 0, alpha <= 1, threshold > 0, threshold.isFinite, warmup >= 0, floor.isValid else {
                return nil
            }
            self.init(checked: alpha, threshold, warmup, floor)
        }

        /// Of who says nothing.
        public static let defaults = Parameters(checked: 0.2, 5, 10, Floor())

        private init(checked alpha: Double, _ threshold: Double, _ warmup: Int, _ floor: Floor) {
            self.alpha = alpha
            self.threshold = threshold
            self.warmup = warmup
            self.floor = floor
        }
    }

    /// The least standard deviation: the greater of the two.
    public struct Floor: Sendable, Equatable, BitwiseCopyable {
        /// In the value's own unit.
        public var absolute: Double
        /// As a part of the mean.
        public var relative: Double

        /// With the default threshold, what is within 5 % of the mean is usual.
        public init(absolute: Double = 0, relative: Double = 0.01) {
            self.absolute = absolute
            self.relative = relative
        }

        var isValid: Bool { absolute >= 0 && absolute.isFinite && relative >= 0 && relative.isFinite }
    }

    /// Finite values taken in.
    public private(set) var count: Int64 = 0
    public private(set) var mean: Double = 0
    public private(set) var variance: Double = 0

    public init() {}

    /// A state as it was published; `nil` when it could not have come from one.
    public init?(count: Int64, mean: Double, variance: Double) {
        guard count > 0, mean.isFinite, variance.isFinite, variance >= 0 else { return nil }
        self.count = count
        self.mean = mean
        self.variance = variance
    }

    /// Whether enough values came before for the next one to be flagged.
    public func isWarm(_ parameters: Parameters) -> Bool { count > 0 && count >= Int64(parameters.warmup) }

    /// The same, taken for warm.
    func known(_ parameters: Parameters) -> EWMA {
        var series = self
        if count > 0 { series.count = max(count, Int64(parameters.warmup)) }
        return series
    }

    /// Judges `value` by the state as it is, without changing it.
    public func judge(_ value: Double, _ parameters: Parameters) -> Judgement {
        guard count > 0 else { return Judgement() }
        guard isWarm(parameters) else { return Judgement(expected: mean) }
        let floor = max(parameters.floor.absolute, parameters.floor.relative * abs(mean))
        let limit = parameters.threshold * max(variance.squareRoot(), floor)
        return Judgement(
            expected: mean, low: mean - limit, high: mean + limit, score: EWMA.score(abs(value - mean), limit: limit))
    }

    /// Several series taken as one: their mean, and the variance of each in itself and of their means. `nil` for less than two, and for sums
    /// past all numbers.
    static func pooled(_ series: [EWMA]) -> EWMA? {
        guard series.count > 1 else { return nil }
        var (count, sum) = (Int64(0), ExactSum())
        for one in series {
            sum.add(one.mean)
            count = count.addingReportingOverflow(one.count).overflow ? .max : count + one.count
        }
        let mean = sum.doubleValue / Double(series.count)
        var (within, between) = (ExactSum(), ExactSum())
        for one in series {
            within.add(one.variance)
            between.add((one.mean - mean) * (one.mean - mean))
        }
        let variance = within.doubleValue / Double(series.count) + between.doubleValue / Double(series.count - 1)
        return EWMA(count: count, mean: mean, variance: variance)
    }

    /// 0 at the mean, 1 infinitely far from it, and at least 0.5 exactly beyond the limit.
    private static func score(_ distance: Double, limit: Double) -> Double {
        guard distance > 0 else { return 0 }
        // d / (d + limit) would be exactly one half at the border and may round to it on either side of it, so the
        // comparison decides which side it is on.
        let raw = distance.isFinite ? distance / (distance + limit) : 1
        let ratio = raw.isFinite ? raw : 1
        return distance > limit ? max(0.5, ratio) : min(0.5.nextDown, ratio)
    }

    /// Takes `value` in.
    public mutating func learn(_ value: Double, _ parameters: Parameters) {
        guard value.isFinite else { return }
        if count == 0 {
            count = 1
            mean = value
            return
        }
        count &+= 1
        let distance = value - mean
        let moved = mean + parameters.alpha * distance
        let spread = (1 - parameters.alpha) * (variance + parameters.alpha * distance * distance)
        // Squares of values near the largest double overflow; the state then keeps its last finite values.
        if moved.isFinite { mean = moved }
        if spread.isFinite { variance = spread }
    }
}
