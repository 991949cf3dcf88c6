import Alerting
import Statistics
import TelemetryModel
import Testing

@testable import Evaluation
@testable import Signals

/// What else was flagged in the window of an alert.
@Suite struct FlaggedWindowTests {
    private static let time = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private static func observation(_ value: Double, score: Double) -> AnomalyObservation {
        AnomalyObservation(
            verdict: .flagged(.up), value: value, judgement: Judgement(expected: 5, low: 1, high: 9, score: score))
    }

    private static func change(_ group: [String?], isOpen: Bool = true) -> AlertTransition {
        AlertTransition(
            anomaly: AnomalyAlertTransition(
                change: isOpen ? .opened : .resolved, cause: .unusual, monitor: "m", severity: "warning",
                direction: .up,
                group: [.init(name: "id", value: group[0])], window: time, openedAt: time, value: 7,
                judgement: Judgement(), summary: "s"), windowNanoseconds: 60_000_000_000)
    }

    /// The groups of one shard with their scores, each opening its alert, in an order.
    private static func details(_ groups: [(group: String?, score: Double)]) -> [String?: [String: AlertValue]] {
        var window = FlaggedWindow(columns: ["id"])
        for (group, score) in groups {
            window.add(observation(100 * score, score: score), of: [group], shard: 3)
            window.add(change([group]), of: [group], shard: 3)
        }
        let details = window.transitions.map(\.alert.details)
        return Dictionary(uniqueKeysWithValues: zip(groups.map(\.group), details))
    }

    @Test func theFiveOthersThatAreMostUnusualAreNamed() throws {
        let groups: [(String?, Double)] = (0..<9).map { ("g\($0)", 0.5 + Double($0) / 100) } + [(nil, 0.9), ("", 0.9)]
        let details = Self.details(groups)
        func others(_ group: String?) -> [AlertValue] {
            guard case .list(let list) = details[group]?["flagged_with"] else { return [] }
            return list.map { entry in
                guard case .object(let members) = entry, case .object(let group) = members["group"] else {
                    return .null
                }
                return group["id"] ?? .bool(false)
            }
        }
        #expect(details.values.allSatisfy { $0["flagged_groups"] == .integer(11) })
        #expect(others("g0") == [.null, .text(""), .text("g8"), .text("g7"), .text("g6")])
        #expect(others("g8") == [.null, .text(""), .text("g7"), .text("g6"), .text("g5")], "itself is none of them")
        #expect(others(nil) == [.text(""), .text("g8"), .text("g7"), .text("g6"), .text("g5")])
        #expect(details == Self.details(groups.reversed()))
        guard case .list(let list) = details["g0"]?["flagged_with"], case .object(let first) = list[2] else {
            return #expect(Bool(false))
        }
        #expect(first["score"] == .number(0.5 + 8.0 / 100) && first["value"] == .number(100 * (0.5 + 8.0 / 100)))
    }

    @Test func aloneNothingIsSaidAndNothingOfOtherShardsOrAtAnEnd() {
        #expect(Self.details([("a", 0.9)])["a"]?.keys.contains { $0.hasPrefix("flagged") } == false)
        var window = FlaggedWindow(columns: ["id"])
        for (group, shard) in [("a", 1), ("b", 2), ("c", 2)] as [(String, Int32)] {
            window.add(Self.observation(7, score: 0.9), of: [group], shard: shard)
        }
        window.add(Self.change(["a"]), of: ["a"], shard: 1)
        window.add(Self.change(["d"], isOpen: false), of: ["d"], shard: 2)
        #expect(window.transitions.allSatisfy { $0.alert.details["flagged_groups"] == nil })
        #expect(window.transitions.map(\.alert.status) == [.open, .resolved])
    }
}
