import TelemetryModel

@testable import Objectives

let minute: Int64 = 60_000_000_000
let hour: Int64 = 60 * minute
let day: Int64 = 24 * hour

/// 2026-11-20T00:00:00Z plus so many minutes.
func at(_ minutes: Int64) -> Timestamp { Timestamp(nanoseconds: 1_795_132_800_000_000_000 + minutes * minute) }

func terms(
    _ name: String = "api", window: Int64 = 30 * day, method: BudgetingMethod = .occurrences,
    target: Ratio = Ratio(99, 100)
) -> ObjectiveTerms {
    ObjectiveTerms(
        name: name, service: "shop", window: .rolling(nanoseconds: window), method: method, target: target)
}

func alert(
    _ factor: Ratio, long: Int64, short: Int64, floor: Int64 = 0, name: String = "page"
) -> BurnRateAlert {
    BurnRateAlert(
        name: name, severity: "critical", factor: factor, longNanoseconds: long, shortNanoseconds: short,
        trafficFloor: floor)
}

/// SplitMix64 (Steele, Lea, Flood 2014): the tests' own source of seeded randomness.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
