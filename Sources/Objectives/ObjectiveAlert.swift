import Statistics

/// An alert of an objective: when it fires, and how sure one has to be.
///
/// All conditions of an alert are one incident with one dedup key: an outage burns fast over an hour and over six, and is one outage.
public struct ObjectiveAlert: Sendable, Equatable {
    /// What the dedup key has of it beside the objective: `page`, `ticket`, or the name that a policy gives it.
    public var name: String
    /// PagerDuty's severities: critical, error, warning, info.
    public var severity: String
    public var condition: AlertCondition
    /// How sure it has to be that the true share of bad records is above a threshold before the alert opens; from 0.9 to below 1.
    public var confidence: Ratio
    /// For how long of event time the condition must not have held before the alert resolves.
    public var keepFiringForNanoseconds: Int64
    /// Another alert of the objective: while that is open this one does not open, because it would tell the same.
    public var heldBackBy: String?

    /// At the end of each slice all slices of that time are asked again, as late records restate them.
    public static let keepFiringForNanosecondsMax: Int64 = 86_400_000_000_000
    public static let confidenceDefault = Ratio(999, 1000)

    public init(
        name: String, severity: String, condition: AlertCondition, confidence: Ratio = confidenceDefault,
        keepFiringForNanoseconds: Int64? = nil, heldBackBy: String? = nil
    ) {
        self.name = name
        self.severity = severity
        self.condition = condition
        self.confidence = confidence
        self.keepFiringForNanoseconds =
            keepFiringForNanoseconds
            ?? min(condition.shortNanosecondsMin, ObjectiveAlert.keepFiringForNanosecondsMax)
        self.heldBackBy = heldBackBy
    }

    /// Whether a provisional judgement may open it: what is below a bound, or not there, may still come.
    var opensProvisionally: Bool {
        condition.leaves.allSatisfy { if case .burnRate = $0 { true } else { false } }
    }

    var test: BinomialTest {
        let chance = confidence.complement
        return BinomialTest(significance: Double(chance.numerator) / Double(chance.denominator))
    }

    /// How far before a judgement slices must be there as they were counted.
    var reachNanoseconds: Int64 {
        let (sum, overflow) = condition.lookbackNanosecondsMax.addingReportingOverflow(keepFiringForNanoseconds)
        return overflow ? .max : sum
    }

    /// With lengths of time of whole slices, and look-backs of one at least: nothing is known of a part of a slice.
    public func roundedUp(toSlices slice: Int64) -> ObjectiveAlert {
        func rounded(_ length: Int64) -> Int64 {
            let (product, overflow) = (length / slice + (length % slice == 0 ? 0 : 1)).multipliedReportingOverflow(
                by: slice)
            return overflow ? length : product
        }
        var alert = self
        alert.condition = condition.mapLengths { max(slice, rounded($0)) }
        alert.keepFiringForNanoseconds = rounded(keepFiringForNanoseconds)
        return alert
    }
}

/// What of an objective makes an alert fire. Lengths of time are in nanoseconds and above 0.
public indirect enum AlertCondition: Sendable, Equatable {
    /// The burn rates over a long and a short look-back are both above `factor`.
    case burnRate(factor: Ratio, long: Int64, short: Int64)
    /// Less of the compliance window's budget is left than this share of it, from 0 to 1.
    case budgetLeft(below: Ratio)
    /// More than this share of the compliance window's budget was spent in a look-back.
    case budgetDrop(above: Ratio, in: Int64)
    /// At the burn rate over a look-back, what is left of the budget is gone in less than `below`.
    case timeToExhaustion(below: Int64, over: Int64)
    /// Nothing was counted for so long, after something was.
    case noData(for: Int64)
    case all([AlertCondition])
    case any([AlertCondition])

    /// The conditions that it is made of, in their order.
    public var leaves: [AlertCondition] {
        switch self {
        case .all(let conditions), .any(let conditions): conditions.flatMap(\.leaves)
        default: [self]
        }
    }

    /// The longest time that it looks back, the compliance window aside.
    public var lookbackNanosecondsMax: Int64 {
        leaves.reduce(0) { longest, leaf in
            switch leaf {
            case .burnRate(_, let long, let short): max(longest, long, short)
            case .budgetDrop(_, let lookback), .timeToExhaustion(_, let lookback): max(longest, lookback)
            default: longest
            }
        }
    }

    /// After how long a silence it can hold, the shortest first.
    var silences: [Int64] {
        Set(leaves.compactMap { if case .noData(let length) = $0 { length } else { nil } }).sorted()
    }

    /// The shortest short look-back; 0 where there is none.
    fileprivate var shortNanosecondsMin: Int64 {
        leaves.compactMap { if case .burnRate(_, _, let short) = $0 { short } else { nil } }.min() ?? 0
    }

    fileprivate func mapLengths(_ map: (Int64) -> Int64) -> AlertCondition {
        switch self {
        case .burnRate(let factor, let long, let short): .burnRate(factor: factor, long: map(long), short: map(short))
        case .budgetLeft: self
        case .budgetDrop(let share, let lookback): .budgetDrop(above: share, in: map(lookback))
        case .timeToExhaustion(let time, let lookback): .timeToExhaustion(below: time, over: map(lookback))
        case .noData(let length): .noData(for: map(length))
        case .all(let conditions): .all(conditions.map { $0.mapLengths(map) })
        case .any(let conditions): .any(conditions.map { $0.mapLengths(map) })
        }
    }
}
