import Objectives
import Testing

@testable import Settings

@Suite struct AlertPolicyTests {
    private static let hour: Int64 = 3_600_000_000_000

    private static func slo(_ name: String, labels: String = "{}", rest: String = "") -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: \(name), labels: \(labels)}
        spec:
          service: shop
          indicator:
            metadata: {name: calls}
            spec:
              ratioMetric:
                bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}}
                total: {metricSource: {type: CloudTrail}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.999}]
        \(rest)
        ---

        """
    }

    private static func policy(_ spec: String, name: String = "own") -> String {
        """
        apiVersion: tidewatch/v1
        kind: AlertPolicy
        metadata: {name: \(name)}
        spec:
        \(spec.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n"))
        """
    }

    private func load(_ text: String) -> (objectives: [ServiceLevelObjective], problems: [String]) {
        let (set, problems) = ResourceLoader.load(text: text, file: "r.yaml")
        return (set.objectives, problems.map { "\($0.path): \($0.message); \($0.suggestion)" })
    }

    @Test func selectedObjectivesHaveTheAlertBesideTheirOwn() {
        let condition = """
            severity: ticket
            confidence: 0.99
            keepFiringFor: 10m
            condition:
              any:
                - burnRate: {above: 14.4, long: 1h}
                - all: [{budgetLeft: {below: 0.2}}, {burnRate: {above: 1, long: 6h, short: 1h}}]
                - budgetDrop: {above: 0.1, in: 1d}
                - timeToExhaustion: {below: 2d, over: 1h}
                - noData: {for: 30m}
            """
        let slos =
            Self.slo("a", labels: "{team: red}") + Self.slo("b", labels: "{team: red}", rest: "  alertPolicies: []")
            + Self.slo("c")
        let (objectives, problems) = load(
            slos + Self.policy("selector: {matchLabels: {team: red}}\n" + condition))
        #expect(problems == [])
        #expect(objectives.map { $0.alerts.map(\.name) } == [["page", "ticket", "own"], ["own"], ["page", "ticket"]])
        let own = objectives[1].alerts.first
        #expect(own?.severity == "warning")
        #expect(own?.confidence == Ratio(99, 100))
        #expect(own?.keepFiringForNanoseconds == Self.hour / 6)
        #expect(
            own?.condition
                == .any([
                    .burnRate(factor: Ratio(72, 5), long: Self.hour, short: Self.hour / 12),
                    .all([
                        .budgetLeft(below: Ratio(1, 5)), .burnRate(factor: .one, long: 6 * Self.hour, short: Self.hour),
                    ]), .budgetDrop(above: Ratio(1, 10), in: 24 * Self.hour),
                    .timeToExhaustion(below: 48 * Self.hour, over: Self.hour), .noData(for: Self.hour / 2),
                ]))
        let named = load(slos + Self.policy("selector: {names: [c, a]}\n" + condition))
        #expect(named.objectives.map { $0.alerts.last?.name } == ["own", nil, "own"])
        let both = load(slos + Self.policy("selector: {names: [c, a], matchLabels: {team: red}}\n" + condition))
        #expect(both.objectives.map { $0.alerts.last?.name } == ["own", nil, "ticket"])
    }

    @Test func theNameOfAnAlertIsTakenOnce() {
        let text = Self.policy(
            "selector: {names: [a]}\nseverity: page\ncondition: {noData: {for: 1h}}", name: "page")
        #expect(
            load(Self.slo("a") + text).problems == [
                "metadata.name: the SLO \"a\" has an alert \"page\" already; rename the policy"
            ])
    }

    @Test(
        arguments: [
            (
                "selector: {names: [b]}\nseverity: page\ncondition: {noData: {for: 1h}}",
                ["spec.selector.names[0]: there is no SLO \"b\"; did you mean \"a\"?"]
            ),
            (
                "selector: {matchLabels: {team: blue}}\nseverity: page\ncondition: {noData: {for: 1h}}",
                [
                    "spec.selector: the policy selects no SLO, so that it would never alert; "
                        + "name an SLO, or labels that one has"
                ]
            ),
            (
                "selector: {}\nseverity: page\ncondition: {noData: {for: 1h}}",
                ["spec.selector: the selector has neither names nor matchLabels; write {names: [my-slo]}"]
            ),
            (
                "selector: {names: [a]}\nseverity: loud\nconfidence: 1\ncondition: {burnRate: {above: 0, long: 1h}}",
                [
                    "spec.severity: the severity \"loud\" has no known meaning",
                    "spec.confidence: the confidence is not from 0.9 to below 1; write a number such as 0.999",
                    "spec.condition.burnRate.above: the number is not above 0; write a number such as 14.4 or 0.1",
                ]
            ),
            (
                "selector: {names: [a]}\nseverity: page\ncondition: {burnRate: {above: 1000, long: 1h}}",
                [
                    "metadata.name: a burn rate above 1000 can't be of the SLO \"a\": where everything fails it is 1,000, so that the "
                        + "alert \"own\" would never open; write a number below that"
                ]
            ),
            (
                "selector: {names: [a]}\nseverity: page\nkeepFiringFor: 8d\ncondition: {noData: {for: 32d}}",
                [
                    "spec.keepFiringFor: 8d is too long; write a duration of at most 1d, such as 5m",
                    "spec.condition.noData.for: 32d is too long; write a duration of at most 31d, such as 1h",
                ]
            ),
            (
                "selector: {names: [a]}\nseverity: page\ncondition: {burnRate: {above: 2, long: 1h, short: 2h}}",
                [
                    "spec.condition.burnRate.short: the short look-back is longer than the long one; make it shorter"
                ]
            ),
            (
                "selector: {names: [a]}\nseverity: page\ncondition: {noData: {for: 1h}, budgetLeft: {below: 0.1}}",
                [
                    "spec.condition: there are 2 conditions in one mapping; "
                        + "write a list of them under \"all\" or \"any\""
                ]
            ),
            (
                "selector: {names: [a]}\nseverity: page\ncondition: {any: [{budgetLeft: {below: 2}}]}",
                [
                    "spec.condition.any[0].budgetLeft.below: the share is not from 0 to 1; "
                        + "write a share of the budget such as 0.2"
                ]
            ),
            (
                "selector: {names: [a]}\nseverity: page\ncondition: {all: []}",
                ["spec.condition.all: there is no condition in the list; write one or more"]
            ),
        ] as [(String, [String])])
    func mistakesAreSaid(spec: String, expected: [String]) {
        let found = load(Self.slo("a") + Self.policy(spec)).problems
        #expect(found.count == expected.count, "\(found)")
        for (found, expected) in zip(found, expected) { #expect(found.hasPrefix(expected), "\(found)") }
    }
}
