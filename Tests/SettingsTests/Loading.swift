import Settings
import Testing

/// A text with something wrong in it, and what is said about it.
struct Mistake: Sendable, CustomTestStringConvertible {
    var text: String
    var expected: String

    init(_ text: String, _ expected: String) {
        self.text = text
        self.expected = expected
    }

    var testDescription: String { expected }
}

extension [ConfigurationProblem] {
    /// Without what most settings here are warned of: their brokers are other machines, and spoken to unencrypted.
    var besidesPlainBrokers: [ConfigurationProblem] {
        filter { !$0.isWarning || !$0.message.hasPrefix("records and results go to brokers") }
    }
}

/// The problems of a text of resources, each as it is printed.
func problems(of text: String) -> [String] {
    ResourceLoader.load(text: text, file: "r.yaml").problems.map(\.description)
}

/// A sound SLO whose parts can be replaced.
func slo(
    indicator: String = """
    indicator:
        metadata: {name: calls}
        spec:
          ratioMetric:
            bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}}
            total: {metricSource: {type: CloudTrail}}
    """,
    window: String = "[{duration: 30d, isRolling: true}]", method: String = "Occurrences",
    objective: String = "{target: 0.999}", rest: String = ""
) -> String {
    """
    apiVersion: openslo/v1
    kind: SLO
    metadata: {name: api}
    spec:
      service: aws
      \(indicator)
      timeWindow: \(window)
      budgetingMethod: \(method)
      objectives: [\(objective)]
    \(rest)
    """
}

/// A sound SLO over one threshold metric source.
func thresholdSLO(source: String, objective: String = "{op: lt, value: 500, target: 0.99}") -> String {
    slo(
        indicator: """
            indicator:
                metadata: {name: latency}
                spec:
                  thresholdMetric: {metricSource: \(source)}
            """, objective: objective)
}

/// A rollup of flow logs whose fields can be replaced.
func rollup(_ name: String = "ports", fields: String = "measures: [{name: flows, count: true}]") -> String {
    """
    apiVersion: tidewatch/v1
    kind: Rollup
    metadata: {name: \(name)}
    spec:
      source: VPCFlow
      window: 1m
      \(fields)
    """
}

func ratioSLO(_ ratio: String) -> String {
    slo(
        indicator: """
            indicator:
                metadata: {name: share}
                spec:
                  ratioMetric: {\(ratio)}
            """)
}
