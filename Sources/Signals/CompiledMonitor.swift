import Expressions
import Statistics
import TelemetryModel

/// An `AnomalyMonitor`, checked against its rollup and compiled.
public struct CompiledMonitor: Sendable {
    public let definition: AnomalyMonitorDefinition
    /// The rollup's group columns, in their order.
    public let groupColumns: [String]
    /// The rollup's measures, in their order.
    public let measures: [String]
    let value: Program
    let terms: DetectedSeries.Terms
    let summary: SummaryTemplate?

    /// - Throws: the first problem in the definition.
    public init(
        _ definition: AnomalyMonitorDefinition, groupColumns: [String], measures: [String]
    ) throws(AnomalyMonitorProblem) {
        self.definition = definition
        self.groupColumns = groupColumns
        self.measures = measures
        do throws(ExpressionProblem) {
            value = try ExpressionCompiler.compileValue(definition.value, measures: measures)
        } catch {
            throw AnomalyMonitorProblem(key: "value", message: error.message, utf8Offset: error.utf8Offset)
        }
        terms = DetectedSeries.Terms(
            definition.method, acceptAfter: definition.acceptAfterWindows,
            settleAfter: definition.alert?.keepFiringWindows ?? 1)
        summary = try definition.alert.map { (alert) throws(AnomalyMonitorProblem) in
            try SummaryTemplate(alert.summary, groupColumns: groupColumns, measures: measures)
        }
    }
}
