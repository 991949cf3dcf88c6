import Expressions
import Objectives
import Settings
import TelemetryModel
import Testing

@Suite struct MetricSourceTests {
    private func query(_ source: String, sourceLocation: SourceLocation = #_sourceLocation) -> MetricQuery? {
        let loaded = ResourceLoader.load(text: thresholdSLO(source: source), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)", sourceLocation: sourceLocation)
        guard case .threshold(let query, .lt, 500)? = loaded.resources.objectives.first?.indicator.form else {
            return nil
        }
        return query
    }

    @Test func aMetricIsAFilterOverNamespaceNameAndExactDimensions() {
        #expect(
            query(
                "{type: Metric, spec: {namespace: AWS/ELB, metricName: Latency, statistic: p99.9, "
                    + "dimensions: {LoadBalancer: app/x, Zone: '*'}, filter: event.region == 'eu-west-1' || true}}")
                == MetricQuery(
                    source: .metric,
                    filter: "event.namespace == \"AWS/ELB\" && event.metric_name == \"Latency\" && "
                        + "size(event.dimensions) == 2 && event.dimensions[\"LoadBalancer\"] == \"app/x\" && "
                        + "event.dimensions[\"Zone\"] != \"\" && (event.region == 'eu-west-1' || true)",
                    measure: FieldPath(keys: "value", "quantiles", "p99.9"), metricNames: ["Latency"]))
    }

    @Test func dimensionsLeftOutAreOpenAndEmptyOnesMeanNone() {
        let base = "type: Metric, spec: {namespace: N, metricName: M, statistic: Maximum"
        #expect(query("{\(base)}}")?.filter == "event.namespace == \"N\" && event.metric_name == \"M\"")
        #expect(
            query("{\(base), dimensions: {}}}")?.filter
                == "event.namespace == \"N\" && event.metric_name == \"M\" && size(event.dimensions) == 0")
    }

    @Test(arguments: [
        "Sum": "value.sum", "SampleCount": "value.count", "Minimum": "value.min", "Maximum": "value.max",
        "p50": "value.quantiles.p50", "p99.99": "value.quantiles[\"p99.99\"]",
    ])
    func aStatisticIsAPathOfTheValue(_ statistic: String, _ path: String) {
        let read = query("{type: Metric, spec: {namespace: N, metricName: M, statistic: \(statistic)}}")
        #expect(read?.measure?.description == path)
        #expect(read?.measureExpression == nil)
    }

    @Test func anAverageIsAnExpression() {
        let read = query("{type: Metric, spec: {namespace: N, metricName: M, statistic: Average}}")
        #expect(read?.measure == nil)
        #expect(read?.measureExpression == "event.value.sum / event.value.count")
    }

    @Test func valuesThatNeedEscapesMeanThemselvesInTheFilter() throws {
        let filter = try #require(
            query(
                #"{type: Metric, spec: {namespace: "a\"b\\c\n\u0001é", metricName: "') || true || ('", statistic: Sum}}"#
            )?.filter)
        #expect(
            filter == #"event.namespace == "a\"b\\c\n\u0001é" && event.metric_name == "') || true || ('""#)
        var projection = ProjectionBuilder(kind: .metric)
        _ = try ExpressionCompiler.compileFilter(filter, over: .metric, projection: &projection)
    }

    @Test func aThresholdOnFlowLogsComparesItsMeasure() {
        #expect(
            query("{type: VPCFlow, spec: {filter: event.dstport == 443, measure: bytes}}")
                == MetricQuery(source: .vpcFlow, filter: "event.dstport == 443", measure: FieldPath(keys: "bytes")))
    }

    @Test func aSumIsWhatRatiosTakeWhenNoStatisticIsGiven() {
        let metric = "{metricSource: {type: Metric, spec: {namespace: N, metricName: M}}}"
        let loaded = ResourceLoader.load(
            text: slo(
                indicator: """
                    indicator:
                        metadata: {name: i}
                        spec: {ratioMetric: {good: \(metric), total: \(metric)}}
                    """), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        guard case .ratio(let good?, nil, let total)? = loaded.resources.objectives.first?.indicator.form else {
            Issue.record("no ratio")
            return
        }
        #expect(good.measure == FieldPath(keys: "value", "sum") && total.measure == good.measure)
    }

    private static let mistakesInSource: [Mistake] = [
        Mistake(
            "{type: metric, spec: {}}", "\"metric\" is none of: CloudTrail, VPCFlow, Metric; did you mean \"Metric\"?"),
        Mistake(
            "{type: Any, spec: {query: Any}}", "\"Any\" is none of: CloudTrail, VPCFlow, Metric; write one of them"),
        Mistake("{spec: {}}", "\"type\" is missing; add \"type:\" with one of: CloudTrail, VPCFlow, Metric"),
        Mistake("{metricSourceRef: x}", "there is no DataSource \"x\"; declare it, or give the type in its place"),
        Mistake("{type: Metric}", "\"spec\" is missing; add \"spec:\" with namespace, metricName and statistic"),
        Mistake(
            "{type: VPCFlow, spec: {filter: event.dstport == 1}}",
            "\"measure\" is missing: a thresholdMetric compares one value of each record; add \"measure:\" with a field's path, "
                + "such as bytes"
        ),
        Mistake(
            "{type: VPCFlow, spec: {measure: bytse}}", "VPCFlow events have no field \"bytse\"; did you mean \"bytes\"?"
        ),
        Mistake(
            "{type: Metric, spec: {namespace: N, metricName: M}}", "\"statistic\" is missing; add \"statistic: p99\""),
        Mistake(
            "{type: Metric, spec: {namespace: N, metricName: M, statistic: Avg}}",
            "\"Avg\" is no statistic; use Sum, SampleCount, Average, Minimum, Maximum, a percentile such as p99, "
                + "or an additional statistic that the stream sends: TC(:0.5), TS, TM, WM, PR or IQM"
        ),
        Mistake(
            "{type: Metric, spec: {namespace: N, metricName: M, statistic: p101}}",
            "\"p101\" is no statistic; did you mean \"p50\"?"
        ),
        Mistake(
            "{type: Metric, spec: {namespace: N, metricname: M, statistic: Sum}}",
            "unknown key \"metricname\"; did you mean \"metricName\"?"
        ),
        Mistake(
            "{type: Metric, spec: {namespace: N, metricName: M, statistic: Sum, measure: value.sum}}",
            "a Metric source has no \"measure\"; remove it, and choose the \"statistic\""
        ),
        Mistake(
            "{type: Metric, spec: {namespace: N, metricName: M, statistic: Sum, dimensions: [a]}}",
            "expected a mapping, found a list; write keys and values: \"key: value\""
        ),
    ]

    @Test(arguments: mistakesInSource)
    func aMistakeInASourceIsReported(_ mistake: Mistake) {
        let (source, expected) = (mistake.text, mistake.expected)
        let found = problems(of: thresholdSLO(source: source))
        if expected.contains("p101") {
            // Which percentile is nearest is of no matter.
            #expect(found.count == 1 && found[0].contains("\"p101\" is no statistic"), "\(found)")
        } else {
            #expect(found.count == 1 && found[0].hasSuffix(": " + expected), "\(found)")
        }
    }

    @Test func statisticsThatCannotBeAddedAreRefusedInRatios() {
        let metric = "{metricSource: {type: Metric, spec: {namespace: N, metricName: M, statistic: Average}}}"
        let found = problems(
            of: slo(
                indicator: """
                    indicator:
                        metadata: {name: i}
                        spec: {ratioMetric: {good: {metricSource: {type: CloudTrail}}, total: \(metric)}}
                    """))
        #expect(
            found.count == 1
                && found[0].hasSuffix(
                    ": Average can't be added up, as a ratioMetric does; use Sum, SampleCount or a trimmed count such as "
                        + "TC(:0.5), or a thresholdMetric"),
            "\(found)")
    }

    @Test func aTypeThatDiffersFromItsDataSourceIsReported() {
        let found = problems(
            of: thresholdSLO(source: "{type: VPCFlow, metricSourceRef: trail, spec: {measure: bytes}}") + """

                ---
                apiVersion: openslo/v1
                kind: DataSource
                metadata: {name: trail}
                spec: {type: CloudTrail}
                """)
        #expect(
            found.count == 1 && found[0].contains("the type is VPCFlow, and that of the DataSource is CloudTrail"),
            "\(found)")
    }

    @Test func namespaceMayBeLeftOpenOrBeNone() {
        let rest = "metricName: http.server.requests_total, statistic: Maximum}}"
        #expect(query("{type: Metric, spec: {\(rest)")?.filter == #"event.metric_name == "http.server.requests_total""#)
        #expect(
            query("{type: Metric, spec: {namespace: '', \(rest)")?.filter
                == #"!has(event.namespace) && event.metric_name == "http.server.requests_total""#)
    }

    @Test func severalNamesAccountsAndRegionsAreOneSource() {
        let source =
            "{type: Metric, spec: {namespace: N, metricName: [A, B], account: 123456789012, region: [r-1, r-2], statistic: Sum}}"
        #expect(
            query(source)?.filter
                == #"event.namespace == "N" && event.metric_name in ["A", "B"] && event.account_id == "123456789012""#
                + #" && event.region in ["r-1", "r-2"]"#)
        #expect(query(source)?.metricNames == ["A", "B"])
    }

    @Test(arguments: ["TC(:0.5)", "TC(0.1:0.5)", "tc90", "TC(10%:90%)"])
    func trimmedCountsAreAddedUp(statistic: String) {
        let metric = "{metricSource: {type: Metric, spec: {metricName: M, statistic: '\(statistic)'}}}"
        let total = "{metricSource: {type: Metric, spec: {metricName: M, statistic: SampleCount}}}"
        let loaded = ResourceLoader.load(text: ratioSLO("good: \(metric), total: \(total)"), file: "r.yaml")
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        guard case .ratio(let good?, nil, _)? = loaded.resources.objectives.first?.indicator.form else {
            Issue.record("no ratio")
            return
        }
        #expect(good.measure == FieldPath(keys: "value", "statistics", statistic))
    }

    @Test(arguments: ["TM(:0.5)", "tm90", "WM(5%:95%)", "TS(1:)", "PR(:300)", "IQM", "p90"])
    func otherStatisticsAreComparedButNotAddedUp(statistic: String) {
        let metric = "{type: Metric, spec: {metricName: M, statistic: '\(statistic)'}}"
        #expect(query(metric) != nil)
        let holder = "{metricSource: \(metric)}"
        let loaded = ResourceLoader.load(text: ratioSLO("good: \(holder), total: \(holder)"), file: "r.yaml")
        #expect(loaded.problems.allSatisfy { $0.message.contains("can't be added up") } && loaded.problems.count == 2)
    }

    @Test(arguments: ["TC", "TC()", "TC(:)", "TC(1:2:3)", "PR(1%:2%)", "TC(1:2%)", "XX(1:2)", "tm101", "TC(.:1)"])
    func whatCloudWatchHasNotIsRefused(statistic: String) {
        let source = "{type: Metric, spec: {metricName: M, statistic: '\(statistic)'}}"
        let loaded = ResourceLoader.load(text: thresholdSLO(source: source), file: "r.yaml")
        #expect(loaded.problems.count == 1 && loaded.problems[0].message.contains("is no statistic"))
    }

    @Test func declaredCounterIsKept() {
        let metric = "{metricSource: {type: Metric, spec: {metricName: M}}}"
        for (text, expected) in [("counter: true, ", true), ("counter: false, ", false), ("", false)] {
            let loaded = ResourceLoader.load(text: ratioSLO("\(text)good: \(metric), total: \(metric)"), file: "r.yaml")
            let queries = loaded.resources.objectives.first?.indicator.queries ?? []
            #expect(queries.count == 2 && queries.allSatisfy { $0.isCounter == expected })
        }
    }
}
