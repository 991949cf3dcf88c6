import Aggregation
import Settings
import Signals
import TelemetryModel
import Statistics
import Testing

@Suite struct RollupTests {
    @Test func everyKindOfMeasureIsRead() throws {
        let loaded = ResourceLoader.load(
            text: rollup(
                fields: """
                    filter: event.log_status == "OK"
                      groupBy: [interface_id, action]
                      groupsMax: 500
                      top: {by: ports, count: 10}
                      measures:
                        - {name: flows, count: true}
                        - {name: rejects, count: true, filter: event.action == "REJECT"}
                        - {name: total, sum: bytes}
                        - {name: least, min: packets}
                        - {name: most, max: packets}
                        - {name: ports, distinct: dstport, exact: true}
                        - {name: sources, distinct: srcaddr}
                        - {name: p99, quantile: {of: bytes, q: 0.99}}
                    """), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        var expected = RollupDefinition(
            name: "ports", source: .vpcFlow, windowNanoseconds: 60_000_000_000, filter: "event.log_status == \"OK\"",
            groupBy: [FieldPath(keys: "interface_id"), FieldPath(keys: "action")],
            measures: [
                MeasureDefinition(name: "flows", kind: .count),
                MeasureDefinition(name: "rejects", kind: .count, filter: "event.action == \"REJECT\""),
                MeasureDefinition(name: "total", kind: .sum(FieldPath(keys: "bytes"))),
                MeasureDefinition(name: "least", kind: .min(FieldPath(keys: "packets"))),
                MeasureDefinition(name: "most", kind: .max(FieldPath(keys: "packets"))),
                MeasureDefinition(name: "ports", kind: .distinct(FieldPath(keys: "dstport"), exact: true)),
                MeasureDefinition(name: "sources", kind: .distinct(FieldPath(keys: "srcaddr"), exact: false)),
                MeasureDefinition(name: "p99", kind: .quantile(FieldPath(keys: "bytes"), 0.99)),
            ], top: TopDefinition(by: "ports", count: 10))
        expected.groupsMax = 500
        #expect(loaded.resources.rollups == [expected])
    }

    @Test func nestedPathsOfCloudTrailAreRead() {
        let text = rollup(
            fields:
                "groupBy: [userIdentity.principalId, 'requestParameters[\"x-y\"].z']\n  measures: [{name: n, count: true}]"
        )
        .replacing("VPCFlow", with: "CloudTrail")
        let loaded = ResourceLoader.load(text: text, file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        #expect(
            loaded.resources.rollups.first?.groupBy.map(\.description) == [
                "userIdentity.principalId", "requestParameters[\"x-y\"].z",
            ])
    }

    private static let mistakesInRollup: [Mistake] = [
        Mistake(
            "measures: []",
            "7:13: spec.measures: a rollup needs a measure; write \"measures: [{name: total, count: true}]\""
        ),
        Mistake(
            "groupBy: [\(Array(repeating: "action", count: 33).joined(separator: ","))]\n  measures: [{name: n, count: true}]",
            "7:12: spec.groupBy: the rollup groups by 33 fields, and may by 32; remove some, or make several rollups"
        ),
        Mistake(
            "groupBy: [action]", "5:3: spec: \"measures\" is missing; add \"measures: [{name: total, count: true}]\""),
        Mistake(
            "measures: [{name: n}]",
            "7:14: spec.measures[0]: the measure says nothing to measure; give exactly one of: count, sum, min, max, "
                + "distinct, quantile"
        ),
        Mistake(
            "measures: [{name: n, count: true, sum: bytes}]",
            "7:14: spec.measures[0]: the measure measures count and sum; give exactly one of: count, sum, min, max, "
                + "distinct, quantile"
        ),
        Mistake(
            "measures: [{name: n, count: false}]",
            "7:31: spec.measures[0].count: a measure that does not count measures nothing; write \"count: true\""
        ),
        Mistake(
            "measures: [{name: n, sum: byte}]",
            "7:29: spec.measures[0].sum: VPCFlow events have no field \"byte\"; did you mean \"bytes\"?"
        ),
        Mistake(
            "measures: [{name: n, sum: event.bytes}]",
            "7:29: spec.measures[0].sum: a field path begins at the event itself, without \"event.\"; write \"bytes\""
        ),
        Mistake(
            "measures: [{name: n, sum: action}]",
            "7:29: spec.measures[0].sum: the field \"action\" is of type string, and must be a number; use a field that "
                + "holds a number"
        ),
        Mistake(
            "measures: [{name: n, sum: a..b}]",
            "7:29: spec.measures[0].sum: \"a..b\" is no field path; write keys with dots between them, such as "
                + "userIdentity.principalId"
        ),
        Mistake(
            "measures: [{name: n, count: true}, {name: n, sum: bytes}]",
            "7:45: spec.measures[1].name: there is another column \"n\"; give each measure a name of its own"
        ),
        Mistake(
            "measures: [{name: 9n, count: true}]",
            "7:21: spec.measures[0].name: \"9n\" can't be named in an expression; use letters, digits and underscores, not "
                + "beginning with a digit, and no word of the expression language"
        ),
        Mistake(
            "measures: [{name: 'true', count: true}]",
            "7:21: spec.measures[0].name: \"true\" can't be named in an expression; use letters, digits and underscores, "
                + "not beginning with a digit, and no word of the expression language"
        ),
        Mistake(
            "measures: [{name: n, count: true, exact: true}]",
            "7:44: spec.measures[0].exact: \"exact\" goes with \"distinct\" alone; remove it"
        ),
        Mistake(
            "measures: [{name: n, quantile: {of: bytes, q: 99}}]",
            "7:49: spec.measures[0].quantile.q: 99.0 is out of range; write a number from 0 to 1, such as 0.99"
        ),
        Mistake(
            "measures: [{name: n, count: true}]\n  top: {by: m, count: 0}",
            "8:13: spec.top.by: \"m\" is none of: n; did you mean \"n\"?"
        ),
        Mistake(
            "measures: [{name: n, count: true}]\n  groupsMax: many",
            "8:14: spec.groupsMax: \"many\" is not a whole number; write a whole number, 1 to 10000000"
        ),
        Mistake(
            "measures: [{name: n, count: true}]\n  groupBy: [action, action]",
            "8:21: spec.groupBy[1]: the rollup groups by \"action\" twice; remove one of them"
        ),
        Mistake(
            "measures: [{name: n, count: true}]\n  filter: event.bytes",
            "8:11: spec.filter: a filter comes to true or false, and this comes to int; compare it with something"
        ),
    ]

    @Test(arguments: mistakesInRollup)
    func aMistakeInARollupIsReported(_ mistake: Mistake) {
        let (fields, expected) = (mistake.text, mistake.expected)
        let found = problems(of: rollup(fields: fields))
        #expect(found.first == "r.yaml:" + expected, "\(found)")
    }

    private static let impossibleWindows: [Mistake] = [
        Mistake("0s", "0s is too short; write a duration of at least 1s, such as 1m"),
        Mistake("500ms", "500ms is too short; write a duration of at least 1s, such as 1m"),
        Mistake("1500ms", "a window is a whole number of seconds; write a duration such as 1m"),
        Mistake("1 minute", "\"1 minute\" is not a duration; write a whole number and ms, s, m, h, d or w, such as 1m"),
        Mistake("-1m", "\"-1m\" is not a duration; write a whole number and ms, s, m, h, d or w, such as 1m"),
        Mistake("60", "\"60\" is not a duration; write a whole number and ms, s, m, h, d or w, such as 1m"),
        Mistake(
            "99999999999999999999s",
            "\"99999999999999999999s\" is too long; write a duration below 292 years, such as 1m"
        ),
        Mistake("9999999999d", "\"9999999999d\" is too long; write a duration below 292 years, such as 1m"),
    ]

    @Test(arguments: impossibleWindows)
    func aWindowThatCannotBeIsReported(_ mistake: Mistake) {
        let (window, expected) = (mistake.text, mistake.expected)
        let text = rollup().replacing("window: 1m", with: "window: \(window)")
        #expect(problems(of: text) == ["r.yaml:6:11: spec.window: " + expected])
    }

    @Test func resourcesOfOneKindAndNameAreReported() {
        #expect(
            problems(of: rollup("a") + "\n---\n" + rollup("a")) == [
                "r.yaml:11:18: metadata.name: there is another Rollup \"a\", at r.yaml:3; rename or remove one of them"
            ])
    }

    private static let wrongKinds: [Mistake] = [
        Mistake("kind: Rolup", "2:7: kind: unknown kind \"Rolup\" of tidewatch/v1; did you mean \"Rollup\"?"),
        Mistake("kind: SLO", "2:7: kind: unknown kind \"SLO\" of tidewatch/v1; set apiVersion to openslo/v1"),
        Mistake(
            "kind: Pod",
            "2:7: kind: unknown kind \"Pod\" of tidewatch/v1; use one of: Rollup, AnomalyMonitor, AlertPolicy, "
                + "Settings"
        ),
        Mistake(
            "kind: MetricAlarm",
            "2:7: kind: kind \"MetricAlarm\" is not supported by this version; remove the document, or keep it elsewhere"
        ),
        Mistake("kind: ", "2:6: kind: \"kind\" is empty; write \"kind: SLO\""),
        Mistake("kind: [a]", "2:7: kind: expected text, found a list; write text here"),
    ]

    @Test(arguments: wrongKinds)
    func aWrongKindIsReported(_ mistake: Mistake) {
        let (kind, expected) = (mistake.text, mistake.expected)
        let text = rollup().replacing("kind: Rollup", with: kind)
        #expect(problems(of: text) == ["r.yaml:" + expected])
    }

    @Test func aWrongVersionIsTheOnlyProblemOfItsDocument() {
        #expect(
            problems(of: "apiVersion: tidewatch/v2\nkind: X\n---\napiVersion: apps/v1\nkind: Deployment\n") == [
                "r.yaml:1:13: apiVersion: apiVersion \"tidewatch/v2\" is not supported; did you mean \"tidewatch/v1\"?",
                "r.yaml:4:13: apiVersion: apiVersion \"apps/v1\" is not supported; use one of: openslo/v1, tidewatch/v1",
            ])
    }

    @Test func missingPartsOfADocumentAreReportedTogether() {
        #expect(
            problems(of: "sepc: {}\n") == [
                "r.yaml:1:1: .: \"apiVersion\" is missing; add \"apiVersion: openslo/v1\"",
                "r.yaml:1:1: .: \"kind\" is missing; add \"kind: SLO\"",
                "r.yaml:1:1: .: \"metadata\" is missing; add \"metadata: {name: my-name}\"",
                "r.yaml:1:1: sepc: unknown key \"sepc\"; did you mean \"spec\"?",
            ])
    }
}

@Suite struct AnomalyMonitorTests {
    private func monitor(_ fields: String, rollup name: String = "ports") -> String {
        rollup(fields: "groupBy: [interface_id]\n  measures: [{name: flows, count: true}, {name: total, sum: bytes}]")
            + """

            ---
            apiVersion: tidewatch/v1
            kind: AnomalyMonitor
            metadata: {name: m}
            spec:
              rollup: \(name)
              \(fields)
            """
    }

    private let method = "method: {ewma: {alpha: 0.2, threshold: 5, warmup: 10}}"

    @Test func aMonitorIsRead() {
        let loaded = ResourceLoader.load(
            text: monitor(
                "value: total / flows\n  \(method)\n  alert: {severity: error, summary: '{value} on {interface_id}: {flows}', "
                    + "direction: up}"), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        #expect(
            loaded.resources.monitors == [
                AnomalyMonitorDefinition(
                    name: "m", rollup: "ports", value: "total / flows",
                    method: .ewma(.defaults),
                    alert: AnomalyAlertDefinition(
                        severity: "error", summary: "{value} on {interface_id}: {flows}", direction: .up))
            ])
    }

    private func read(_ spec: String) throws -> AnomalyMonitorDefinition {
        let loaded = ResourceLoader.load(text: monitor(spec), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        return try #require(loaded.resources.monitors.first)
    }

    /// A method without parameters has the documented ones; what counts things deviates by one at least.
    @Test func aMethodHasDefaults() throws {
        func parameters(_ spec: String) throws -> EWMA.Parameters {
            switch try read(spec).method {
            case .ewma(let parameters): parameters
            }
        }
        #expect(try parameters("value: total\n  method: {ewma: {}}") == .defaults)
        #expect(try parameters("value: flows\n  method: {ewma: {}}").floor == .init(absolute: 1, relative: 0.01))
        #expect(try parameters("value: flows / 2.0\n  method: {ewma: {alpha: 0.5}}").floor == .init())
        let own = try parameters("value: flows\n  method: {ewma: {warmup: 3, floor: {absolute: 0.5, relative: 0}}}")
        #expect(own == EWMA.Parameters(alpha: 0.2, threshold: 5, warmup: 3, floor: .init(absolute: 0.5, relative: 0)))
    }

    @Test func aMonitorSaysHowLongIsLong() throws {
        let plain = try read("value: flows\n  method: {ewma: {}}\n  alert: {severity: error, summary: s}")
        #expect(plain.acceptAfterWindows == 120 && plain.emptyWindows == 60 && plain.alert?.keepFiringWindows == 1)
        #expect(plain.limits == AnomalyLimits())
        let own = try read(
            """
            value: flows
              method: {ewma: {}}
              limits: {above: 100, below: -1.5}
              acceptAfter: 1h
              emptyWindows: 0
              alert: {severity: error, summary: s, keepFiringFor: 150s}
            """)
        #expect(own.acceptAfterWindows == 60 && own.emptyWindows == 0 && own.alert?.keepFiringWindows == 3)
        #expect(own.limits == AnomalyLimits(above: 100, below: -1.5))
    }

    @Test(arguments: [
        ("limits: {}", "spec.limits: there is no limit; write \"above: 100\", \"below: 1\", or both"),
        (
            "limits: {above: 1, below: 2}",
            "spec.limits: every value is below 2.0 or above 1.0; write a limit \"below\" that is the lower one"
        ),
        ("emptyWindows: -1", "spec.emptyWindows: -1 is out of range; write a whole number, 0 to 1000000"),
        ("acceptAfter: 0s", "spec.acceptAfter: 0s is too short; write a duration of at least 2m, such as 1h"),
        // In one window everything unusual would be usual.
        ("acceptAfter: 1m", "spec.acceptAfter: 1m is too short; write a duration of at least 2m, such as 1h"),
    ])
    func whatAMonitorCanNotMeanIsRefused(spec: String, problem: String) {
        let found = problems(of: monitor("value: flows\n  \(method)\n  \(spec)"))
        #expect(found.map { String($0.drop { $0 != " " }.dropFirst()) } == [problem])
    }

    @Test func aMonitorMayStandBeforeItsRollup() {
        let parts = monitor("value: flows\n  \(method)").split(separator: "\n---\n")
        #expect(problems(of: parts.reversed().joined(separator: "\n---\n")).isEmpty)
    }

    @Test func mistakesInAMonitorAreReported() {
        let found = problems(
            of: monitor(
                """
                value: flow
                  method: {ewma: {alpha: 0, threshold: -1, warmup: x}}
                  alert: {severity: page, summary: '{flws} of {nothing}', direction: upwards}
                """))
        #expect(
            found.map { String($0.drop { $0 != " " }.dropFirst()) } == [
                found.first.map { String($0.drop { $0 != " " }.dropFirst()) } ?? "",
                "spec.method.ewma.alpha: 0.0 is out of range; write a number above 0 and at most 1, such as 0.2",
                "spec.method.ewma.threshold: -1.0 is out of range; write a number above 0, such as 5",
                "spec.method.ewma.warmup: \"x\" is not a whole number; write a whole number, 0 to 1000000",
                "spec.alert.severity: \"page\" is none of: critical, error, warning, info; write one of them",
                "spec.alert.summary: the rollup \"ports\" has no column \"flws\"; did you mean \"{flows}\"?",
                "spec.alert.summary: the rollup \"ports\" has no column \"nothing\"; use one of: interface_id, flows, total, value",
                "spec.alert.direction: \"upwards\" is none of: up, down, both; write one of them",
            ])
        #expect(found.first?.hasPrefix("r.yaml:15:10: spec.value: ") == true, "\(found)")
    }

    @Test func aMonitorOfARollupWithProblemsAddsNoneOfItsOwn() {
        let found = problems(of: monitor("value: flows\n  \(method)").replacing("sum: bytes", with: "sum: byts"))
        #expect(found.count == 1 && found[0].contains("byts"), "\(found)")
    }
}
