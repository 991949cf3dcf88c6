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

public func alert(
    _ factor: Ratio, long: Int64, short: Int64, floor: Int64 = 0, name: String = "page"
) -> BurnRateAlert {
    BurnRateAlert(
        name: name, severity: "critical", factor: factor, longNanoseconds: long, shortNanoseconds: short,
        trafficFloor: floor)
}
