import Objectives
import TelemetryModel

public let minute: Int64 = 60_000_000_000
public let hour: Int64 = 60 * minute
public let day: Int64 = 24 * hour

/// 2026-11-20T00:00:00Z plus so many minutes.
public func at(_ minutes: Int64) -> Timestamp { Timestamp(nanoseconds: 1_795_132_800_000_000_000 + minutes * minute) }

public func terms(
    _ name: String = "api", window: Int64 = 30 * day, method: BudgetingMethod = .occurrences,
    target: Ratio = Ratio(99, 100)
) -> ObjectiveTerms {
    ObjectiveTerms(
        name: name, service: "shop", window: .rolling(nanoseconds: window), method: method, target: target)
}

/// Opens on nearly any evidence, and resolves at once where no `keep` is given.
public func alert(
    _ factor: Ratio, long: Int64, short: Int64, confidence: Ratio = Ratio(9, 10), name: String = "page", keep: Int64 = 0
) -> ObjectiveAlert {
    ObjectiveAlert(
        name: name, severity: "critical", condition: .burnRate(factor: factor, long: long, short: short),
        confidence: confidence, keepFiringForNanoseconds: keep)
}

extension ObjectiveLedger {
    /// Sets the slices of these minutes to the same counts.
    public mutating func fill(_ minutes: Range<Int64>, good: Int64, total: Int64) throws {
        for slice in minutes { try set(SliceCounts(good: good, total: total), at: at(slice)) }
    }
}
