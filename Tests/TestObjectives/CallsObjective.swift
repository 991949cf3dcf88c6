import Planning
import Settings
import TelemetryModel

/// Plans over CloudTrail events with an SLO called `calls`.
public enum CallsObjective {
    /// The resources in the fixture's own text, which the loader found wrong.
    private struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    /// Of calls of the service `platform`.
    ///
    /// - Parameters:
    ///   - part: `good` or `bad`.
    ///   - filter: which events are that.
    ///   - form: of records.
    public static func plan(
        counting part: String, where filter: String, outputs: Set<OutputKind>, form: RecordForm = .first
    ) throws -> PipelinePlan {
        try plan(of: calls(counting: part, where: filter), outputs: outputs, form: form)
    }

    /// Of calls that fail where they have an `errorCode`, with all outputs.
    public static func failures() throws -> PipelinePlan {
        try plan(of: withoutErrors, outputs: Set(OutputKind.allCases))
    }

    /// As `failures`, with a rollup `names` that counts calls by name and minute.
    public static func failuresAndNames(form: RecordForm = .first) throws -> PipelinePlan {
        try plan(of: withoutErrors + names, outputs: Set(OutputKind.allCases), form: form)
    }

    /// As `failuresAndNames`, with a monitor `unusual` of the rollup, that alerts where it is said how.
    public static func namesWithAMonitor(alert: String? = nil) throws -> PipelinePlan {
        try plan(
            of: withoutErrors + names + """

                ---
                apiVersion: tidewatch/v1
                kind: AnomalyMonitor
                metadata: {name: unusual}
                spec: {rollup: names, value: calls, method: {ewma: {alpha: 0.2, threshold: 6, warmup: 5}}\(alert.map { ", alert: \($0)" } ?? "")}
                """, outputs: Set(OutputKind.allCases))
    }

    /// As `failures`, an SLO for each of the events' names, with a window of a day; beside it one for all of them, called `all`.
    public static func byName(groupsMax: Int? = nil, window: String = "1d") throws -> PipelinePlan {
        let groups = "groupBy: [eventName]" + (groupsMax.map { ", groupsMax: \($0)" } ?? "")
        let all = withoutErrors.replacing("name: calls", with: "name: all").replacing("30d", with: window)
        let grouped = withoutErrors.replacing("30d", with: window).replacing(
            "errorCode)'}", with: "errorCode)', \(groups)}"
        )
        .replacing("filter: 'true'}", with: "filter: 'true', \(groups)}")
        return try plan(of: all + "\n---\n" + grouped, outputs: [.windows, .alerts], form: .definitions)
    }

    private static let names = """

        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: names}
        spec:
          source: CloudTrail
          window: 1m
          groupBy: [eventName]
          measures: [{name: calls, count: true}]
        """

    private static let withoutErrors = calls(counting: "good", where: "!has(event.errorCode)")

    private static func calls(counting part: String, where filter: String) -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: platform
          indicator:
            metadata: {name: calls}
            spec:
              ratioMetric:
                \(part): {metricSource: {type: CloudTrail, spec: {filter: '\(filter)'}}}
                total: {metricSource: {type: CloudTrail, spec: {filter: 'true'}}}
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
        """
    }

    private static func plan(
        of text: String, outputs: Set<OutputKind>, form: RecordForm = .first
    ) throws -> PipelinePlan {
        let (resources, problems) = ResourceLoader.load(text: text, file: "test")
        guard problems.isEmpty else {
            throw Refused(description: problems.map { "\($0)" }.joined(separator: "\n"))
        }
        return try PipelinePlan(resources: resources, outputs: outputs, form: form)
    }
}
