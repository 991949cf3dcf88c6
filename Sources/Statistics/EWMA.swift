/// Exponentially weighted mean and variance of a series, which flags values far from what came before.
///
/// Each value is tested against the state before it, then taken into it:
/// d = x − mean, mean += α·d, variance = (1 − α)(variance + α·d²), beginning at (first value, 0).
/// Source: Finch, "Incremental calculation of weighted mean and variance" (2009), section 9.
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

        /// `nil` when a parameter is outside its range.
        public init?(alpha: Double, threshold: Double, warmup: Int) {
            guard alpha > 0, alpha <= 1, threshold > 0, threshold.isFinite, warmup >= 0 else { return nil }
            self.alpha = alpha
            self.threshold = threshold
            self.warmup = warmup
        }
    }

    /// What one value was, seen from those before it.
    public enum Verdict: Sendable, Equatable, BitwiseCopyable {
        /// Fewer than `warmup` values came before.
        case notWarm
        case normal
        /// Further above the mean than the threshold.
        case above
        /// Further below the mean than the threshold.
        case below
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

    public var deviation: Double { variance.squareRoot() }

    /// Judges `value` by the state as it is, without changing it.
    public func verdict(on value: Double, _ parameters: Parameters) -> Verdict {
        guard count >= Int64(parameters.warmup), count > 0 else { return .notWarm }
        guard value.isFinite, variance > 0 else { return .normal }
        guard abs(value - mean) > parameters.threshold * variance.squareRoot() else { return .normal }
        return value > mean ? .above : .below
    }

    /// How unusual `value` is by the state as it is: 0 at the mean, 1 infinitely far, and at least 0.5 exactly for the
    /// values that are flagged.
    public func score(of value: Double, _ parameters: Parameters) -> Double {
        guard count >= Int64(parameters.warmup), count > 0, value.isFinite, variance > 0 else { return 0 }
        let distance = abs(value - mean)
        let limit = parameters.threshold * variance.squareRoot()
        // d / (d + limit) would be exactly one half at the border and may round to it on either side of it, so the
        // verdict decides which side it is on.
        let raw = distance.isFinite ? distance / (distance + limit) : 1
        let ratio = raw.isFinite ? raw : 1
        return distance > limit ? max(0.5, ratio) : min(0.5.nextDown, ratio)
    }

    /// Takes `value` in.
    public mutating func update(_ value: Double, alpha: Double) {
        guard value.isFinite else { return }
        if count == 0 {
            count = 1
            mean = value
            return
        }
        count &+= 1
        let distance = value - mean
        let moved = mean + alpha * distance
        let spread = (1 - alpha) * (variance + alpha * distance * distance)
        // Squares of values near the largest double overflow; the state then keeps its last finite values.
        if moved.isFinite { mean = moved }
        if spread.isFinite { variance = spread }
    }

    /// Judges `value`, then takes it in.
    public mutating func observe(_ value: Double, _ parameters: Parameters) -> Verdict {
        let verdict = verdict(on: value, parameters)
        update(value, alpha: parameters.alpha)
        return verdict
    }
}
