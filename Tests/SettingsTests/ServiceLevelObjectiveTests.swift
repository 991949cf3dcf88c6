import Objectives
import Settings
import TelemetryModel
import Testing

@Suite struct ServiceLevelObjectiveTests {
    private func objectives(_ text: String) -> [ServiceLevelObjective] {
        let loaded = ResourceLoader.load(text: text, file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        return loaded.resources.objectives
    }

    private let thirtyDays: Int64 = 30 * 86_400_000_000_000

    @Test func aRatioWithItsDefaultAlertsIsRead() {
        #expect(
            objectives(slo()) == [
                ServiceLevelObjective(
                    metadata: .init(name: "api"), service: "aws",
                    indicator: ServiceLevelIndicator(
                        name: "calls",
                        form: .ratio(
                            good: nil, bad: MetricQuery(source: .cloudTrail, filter: "has(event.errorCode)"),
                            total: MetricQuery(source: .cloudTrail))),
                    window: .rolling(nanoseconds: thirtyDays), method: .occurrences, target: Ratio(999, 1000),
                    alerts: ObjectiveAlert.defaults(window: thirtyDays, target: Ratio(999, 1000)))
            ])
    }

    @Test func severalObjectivesAreNumberedAndTargetsAreExact() {
        let read = objectives(
            slo(objective: "{target: 0.999}, {targetPercent: 99.95, displayName: Strict}, {target: 0}"))
        #expect(read.map(\.name) == ["api/1", "api/2", "api/3"])
        #expect(read.map(\.target) == [Ratio(999, 1000), Ratio(1999, 2000), Ratio(0, 1)])
        #expect(read.dropFirst().first?.metadata.displayName == "Strict")
    }

    @Test func timeslicesAreRead() {
        #expect(
            objectives(
                slo(method: "Timeslices", objective: "{target: 0.99, timeSliceTarget: 0.95, timeSliceWindow: 5m}")
            ).map(\.method) == [.timeslices(target: Ratio(19, 20), windowNanoseconds: 300_000_000_000)])
        // A bare number is minutes.
        #expect(
            objectives(slo(method: "RatioTimeslices", objective: "{target: 0.99, timeSliceWindow: 10}")).map(\.method)
                == [.ratioTimeslices(windowNanoseconds: 600_000_000_000)])
    }

    @Test func lookBacksAreWholeSlices() {
        let read = objectives(
            slo(method: "Timeslices", objective: "{target: 0.99, timeSliceTarget: 1, timeSliceWindow: 1h}"))
        let shorts = read.first?.alerts.flatMap(\.condition.leaves).map { leaf -> Int64 in
            if case .burnRate(_, _, let short) = leaf { short / 3_600_000_000_000 } else { 0 }
        }
        #expect(shorts == [1, 1, 2, 6])
    }

    @Test func indicatorsPoliciesAndSourcesAreFoundInAnyOrder() {
        let text = """
            \(slo(indicator: "indicatorRef: ratio", rest: "  alertPolicies: [{alertPolicyRef: page}]"))
            ---
            apiVersion: openslo/v1
            kind: AlertPolicy
            metadata: {name: page}
            spec:
              alertWhenBreaching: true
              conditions: [{conditionRef: fast}]
              notificationTargets: [{targetRef: pager}]
            ---
            apiVersion: openslo/v1
            kind: AlertCondition
            metadata: {name: fast}
            spec:
              severity: sev-1
              condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h}
            ---
            apiVersion: openslo/v1
            kind: AlertNotificationTarget
            metadata: {name: pager}
            spec: {target: pagerduty}
            ---
            apiVersion: openslo/v1
            kind: SLI
            metadata: {name: ratio}
            spec:
              ratioMetric:
                counter: true
                good: {metricSource: {metricSourceRef: flows, spec: {filter: event.action == "ACCEPT", measure: packets}}}
                total: {metricSource: {metricSourceRef: flows, spec: {measure: packets}}}
            ---
            apiVersion: openslo/v1
            kind: DataSource
            metadata: {name: flows}
            spec: {type: VPCFlow, connectionDetails: [anything]}
            ---
            apiVersion: openslo/v1
            kind: Service
            metadata: {name: aws}
            """
        let read = objectives(text)
        #expect(
            read.first?.indicator
                == ServiceLevelIndicator(
                    name: "ratio",
                    form: .ratio(
                        good: MetricQuery(
                            source: .vpcFlow, filter: "event.action == \"ACCEPT\"", measure: FieldPath(keys: "packets")),
                        bad: nil, total: MetricQuery(source: .vpcFlow, measure: FieldPath(keys: "packets")))))
        #expect(
            read.first?.alerts == [
                ObjectiveAlert(
                    name: "fast", severity: "critical",
                    condition: .burnRate(factor: Ratio(72, 5), long: 3_600_000_000_000, short: 300_000_000_000))
            ])
    }

    @Test func emptyPoliciesMeanNoAlertsAndMissingOnesTheDefaults() {
        #expect(objectives(slo(rest: "  alertPolicies: []")).first?.alerts.isEmpty == true)
        #expect(objectives(slo(rest: "  alertPolicies:")).first?.alerts.count == 2)
    }

    @Test func anInlinePolicyIsReadAndAlertAfterIsTheShortWindow() {
        let policy = """
              alertPolicies:
                - kind: AlertPolicy
                  metadata: {name: p}
                  spec:
                    conditions:
                      - kind: AlertCondition
                        metadata: {name: c}
                        spec:
                          severity: ticket
                          condition: {op: gt, threshold: 3, lookbackWindow: 1d, alertAfter: 10m}
            """
        #expect(
            objectives(slo(rest: policy)).first?.alerts == [
                ObjectiveAlert(
                    name: "c", severity: "warning",
                    condition: .burnRate(factor: Ratio(3, 1), long: 86_400_000_000_000, short: 600_000_000_000))
            ])
        let silent = policy.replacing("conditions:", with: "alertWhenBreaching: false\n        conditions:")
        #expect(objectives(slo(rest: silent)).first?.alerts.isEmpty == true)
        let noData = AlertCondition.noData(for: 86_400_000_000_000)
        let onNoData = policy.replacing("conditions:", with: "alertWhenNoData: true\n        conditions:")
        #expect(
            objectives(slo(rest: onNoData)).first?.alerts.map(\.condition) == [
                .any([.burnRate(factor: Ratio(3, 1), long: 86_400_000_000_000, short: 600_000_000_000), noData])
            ])
        let onlyNoData = onNoData.replacing(
            "alertWhenNoData", with: "alertWhenBreaching: false\n        alertWhenNoData")
        #expect(objectives(slo(rest: onlyNoData)).first?.alerts.map(\.condition) == [noData])
    }

    private static let mistakesInSLO: [Mistake] = [
        Mistake(
            slo(objective: "{target: 1}"),
            "the target is not from 0 to below 1; write a ratio such as 0.999, or use targetPercent"
        ),
        Mistake(slo(objective: "{target: -0.5}"), "the target is not from 0 to below 1; write a ratio such as 0.999"),
        Mistake(
            slo(objective: "{target: 5%}"),
            "\"5%\" is not a decimal number with at most 18 digits; write a number such as 0.999"
        ),
        Mistake(
            slo(objective: "{targetPercent: 100}"),
            "the target is not from 0 to below 100 percent; write a percentage such as 99.9"
        ),
        Mistake(
            slo(objective: "{target: 0.9, targetPercent: 90}"),
            "the objective has a target and a targetPercent; keep one of them"
        ),
        Mistake(slo(objective: "{displayName: x}"), "the objective has no target; add \"target: 0.999\""),
        Mistake(slo(objective: "{target: 0.9, op: gt}"), "\"op\" has no meaning for a ratioMetric; remove it"),
        Mistake(slo(objective: "{target: 0.9, value: 1}"), "\"value\" has no meaning for a ratioMetric; remove it"),
        Mistake(
            slo(objective: "{target: 0.9, timeSliceTarget: 0.9}"),
            "\"timeSliceTarget\" goes with Timeslices alone; remove it"
        ),
        Mistake(
            slo(objective: "{target: 0.9, timeSliceWindow: 1m}"),
            "\"timeSliceWindow\" has no meaning for Occurrences; remove it"
        ),
        Mistake(
            slo(method: "Timeslices", objective: "{target: 0.9, timeSliceTarget: 0.9}"),
            "\"timeSliceWindow\" is missing, which Timeslices needs; add \"timeSliceWindow: 1m\""
        ),
        Mistake(
            slo(method: "Timeslices", objective: "{target: 0.9, timeSliceWindow: 1m}"),
            "\"timeSliceTarget\" is missing, which Timeslices needs; add \"timeSliceTarget: 0.95\""
        ),
        Mistake(
            slo(method: "Timeslices", objective: "{target: 0.9, timeSliceWindow: 1m, timeSliceTarget: 1.1}"),
            "the slice's target is not above 0 and at most 1; write a ratio such as 0.95"
        ),
        Mistake(
            slo(method: "RatioTimeslices", objective: "{target: 0.9, timeSliceWindow: 7m}"),
            "slices of 7m don't fill a window of 30d; choose a duration that divides the window, such as 1m"
        ),
        Mistake(
            slo(objective: "{target: 0.9, compositeWeight: 2}"),
            "composite objectives are not supported by this version; move the indicator to the SLO's spec, and make an SLO "
                + "of each objective"
        ),
        Mistake(slo(window: "[]"), "the SLO has 0 time windows; give exactly one"),
        Mistake(
            slo(window: "[{duration: 1d, isRolling: true}, {duration: 2d, isRolling: true}]"),
            "the SLO has 2 time windows; give exactly one"
        ),
        Mistake(
            slo(window: "[{duration: 30d}]"),
            "calendar-aligned windows are not supported by this version; set \"isRolling: true\""
        ),
        Mistake(
            slo(window: "[{duration: 30d, calendar: {startTime: x, timeZone: y}}]"),
            "calendar-aligned windows are not supported by this version; remove \"calendar\", and set \"isRolling: true\""
        ),
        Mistake(
            slo(window: "[{duration: 90s, isRolling: true}]"),
            "the window is no whole number of minutes; write a duration such as 30d"
        ),
        Mistake(
            slo(indicator: ""), "the SLO has neither an indicator nor an indicatorRef; add \"indicatorRef: my-sli\""),
        Mistake(
            slo(indicator: "indicatorRef: x"), "there is no SLI \"x\"; declare it, or write the indicator in its place"),
        Mistake(
            slo() + "\n  indicatorRef: x",
            "the SLO has an indicator and an indicatorRef; keep one of them"
        ),
        Mistake(
            slo().replacing("bad:", with: "good: {metricSource: {type: CloudTrail}}\n        bad:"),
            "the ratio has \"good\" and \"bad\"; keep one of them"
        ),
        Mistake(
            slo().replacing("total:", with: "raw:"),
            "ratios computed elsewhere (\"raw\") are not supported by this version; give \"good\" or \"bad\", and \"total\""
        ),
        Mistake(slo().replacing("bad:", with: "bed:"), "unknown key \"bed\"; did you mean \"bad\"?"),
        Mistake(
            slo() + "\n  alertPolicies: [{alertPolicyRef: x}]",
            "there is no AlertPolicy \"x\"; declare it, or write the policy in its place"
        ),
        Mistake(
            slo() + "\n---\napiVersion: openslo/v1\nkind: Service\nmetadata: {name: awss}",
            "there is no Service \"aws\" among those declared; did you mean \"awss\"?"
        ),
    ]

    @Test(arguments: mistakesInSLO)
    func aMistakeInAnSLOIsReported(_ mistake: Mistake) {
        let (text, expected) = (mistake.text, mistake.expected)
        let found = problems(of: text)
        #expect(found.contains { $0.hasSuffix(": " + expected) }, "\(found)")
        #expect(ResourceLoader.load(text: text, file: "r.yaml").resources.objectives.isEmpty)
    }
}

@Suite struct AlertConditionTests {
    private func condition(_ fields: String, severity: String = "page") -> String {
        """
        apiVersion: openslo/v1
        kind: AlertCondition
        metadata: {name: c}
        spec:
          severity: \(severity)
          condition: {\(fields)}
        """
    }

    private static let mistakesInCondition: [Mistake] = [
        Mistake(
            "op: lte, threshold: 2, lookbackWindow: 1h",
            "an alert with \"lte\" would fire while the budget burns slowly; use gt or gte"
        ),
        Mistake(
            "op: gt, threshold: 0, lookbackWindow: 1h",
            "the threshold is not above 0; write how many times too fast the budget burns, such as 14.4"
        ),
        Mistake(
            "op: gt, threshold: 2, lookbackWindow: 30s", "30s is too short; write a duration of at least 1m, such as 1h"
        ),
        Mistake(
            "op: gt, threshold: 2, lookbackWindow: 1h, alertAfter: 2h",
            "alertAfter is longer than lookbackWindow; make it shorter"
        ),
        Mistake(
            "kind: burn, op: gt, threshold: 2, lookbackWindow: 1h", "\"burn\" is none of: burnrate; write one of them"),
        Mistake("threshold: 2, lookbackWindow: 1h", "\"op\" is missing; add \"op: gt\""),
    ]

    @Test(arguments: mistakesInCondition)
    func aMistakeInAConditionIsReported(_ mistake: Mistake) {
        let (fields, expected) = (mistake.text, mistake.expected)
        let found = problems(of: condition(fields))
        #expect(found.count == 1 && found[0].hasSuffix(": " + expected), "\(found)")
    }

    @Test func severitiesInCommonUseAreKnownAndOthersRefused() {
        let fields = "op: gt, threshold: 2, lookbackWindow: 1h"
        for severity in ["critical", "Page", "SEV1", "sev-2", "ticket", "P3", "info"] {
            #expect(problems(of: condition(fields, severity: severity)).isEmpty, "\(severity)")
        }
        #expect(
            problems(of: condition(fields, severity: "critcal")) == [
                "r.yaml:5:13: spec.severity: the severity \"critcal\" has no known meaning; did you mean \"critical\"?"
            ])
    }

    @Test func aPolicyHasOneCondition() {
        let policy = """
            apiVersion: openslo/v1
            kind: AlertPolicy
            metadata: {name: p}
            spec:
              conditions: []
            """
        #expect(
            problems(of: policy) == [
                "r.yaml:5:15: spec.conditions: the policy has 0 conditions; give exactly one, and a policy for each other"
            ])
    }
}
