import Settings
import Testing

@Suite struct TenMistakesTests {
    static let text = """
        apiVersion: openslo/v1
        kind: SLO
        metadata:
          name: Checkout_Availability
        spec:
          service: checkout
          indicator:
            metadata:
              name: checkout-requests
            spec:
              ratioMetric:
                bad:
                  metricSource:
                    type: Cloudtrail
                    spec:
                      filter: has(event.errorCode)
                total:
                  metricSource:
                    type: CloudTrail
                    spec:
                      filter: event.eventSuorce == "ec2.amazonaws.com"
          timeWindow:
            - duration: 1M
              isRolling: true
          budgetingMethod: Occurences
          objectives:
            - target: 99.9
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata:
          name: destination-ports
        spec:
          source: VPCFlow
          window: 1m
          filtr: event.log_status == "OK"
          groupBy: [interfaceid]
          measures:
            - {name: ports, distinct: dstport}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata:
          name: port-scan
        spec:
          rollup: destination-port
          value: ports
          method:
            ewma: {alpha: 1.5, threshold: 5, warmup: 10}
        """

    @Test func tenMistakesPrintTenProblemsEachWithPlacePathAndWhatToDo() {
        let expected = [
            "r.yaml:4:9: metadata.name: the name \"Checkout_Availability\" is no DNS label; use at most 63 lower-case "
                + "letters, digits and hyphens, with a letter or digit at both ends, such as \"checkout-availability\"",
            "r.yaml:14:19: spec.indicator.spec.ratioMetric.bad.metricSource.type: \"Cloudtrail\" is none of: CloudTrail, "
                + "VPCFlow, Metric; did you mean \"CloudTrail\"?",
            "r.yaml:21:29: spec.indicator.spec.ratioMetric.total.metricSource.spec.filter: "
                + "cloudtrail events have no field 'eventSuorce'; did you mean eventSource?",
            "r.yaml:23:17: spec.timeWindow[0].duration: \"1M\" is in months, quarters or years, which have no fixed "
                + "length; write days or weeks, such as 30d",
            "r.yaml:25:20: spec.budgetingMethod: \"Occurences\" is none of: Occurrences, Timeslices, RatioTimeslices; did "
                + "you mean \"Occurrences\"?",
            "r.yaml:27:15: spec.objectives[0].target: the target is not from 0 to below 1; write a ratio such as 0.999, or "
                + "use targetPercent",
            "r.yaml:36:3: spec.filtr: unknown key \"filtr\"; did you mean \"filter\"?",
            "r.yaml:37:13: spec.groupBy[0]: VPCFlow events have no field \"interfaceid\"; did you mean \"interface_id\"?",
            "r.yaml:46:11: spec.rollup: there is no Rollup \"destination-port\"; did you mean \"destination-ports\"?",
            "r.yaml:49:19: spec.method.ewma.alpha: 1.5 is out of range; write a number above 0 and at most 1, such as 0.2",
        ]
        #expect(expected.count == 10)
        #expect(problems(of: TenMistakesTests.text) == expected)
    }

    @Test func aProblemStaysOnOneLineWhateverItsValuesHold() {
        let problem = ConfigurationProblem(
            file: "a\nb.yaml", line: 1, column: 2, path: "", message: "x\r\ny", suggestion: "z\u{7F}")
        #expect(problem.description == "a b.yaml:1:2: .: x  y; z ")
    }
}
