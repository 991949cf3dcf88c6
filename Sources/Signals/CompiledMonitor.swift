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
    let parameters: EWMA.Parameters
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
        parameters = try CompiledMonitor.parameters(definition.method)
        summary = try definition.alert.map { (alert) throws(AnomalyMonitorProblem) in
            try SummaryTemplate(alert.summary, groupColumns: groupColumns, measures: measures)
        }
    }

    private static func parameters(
        _ method: AnomalyMonitorDefinition.Method
    ) throws(AnomalyMonitorProblem) -> EWMA.Parameters {
        let alpha: Double
        let threshold: Double
        let warmup: Int
        switch method {
        case .ewma(let givenAlpha, let givenThreshold, let givenWarmup):
            (alpha, threshold, warmup) = (givenAlpha, givenThreshold, givenWarmup)
        }
        guard alpha > 0, alpha <= 1 else {
            throw AnomalyMonitorProblem(
                key: "method.ewma.alpha", message: "alpha is above 0 and at most 1, and this is \(alpha); write 0.2")
        }
        guard threshold > 0, threshold.isFinite else {
            throw AnomalyMonitorProblem(
                key: "method.ewma.threshold",
                message: "a threshold is a number of standard deviations above 0, and this is \(threshold); write 5")
        }
        guard warmup >= 0, let parameters = EWMA.Parameters(alpha: alpha, threshold: threshold, warmup: warmup) else {
            throw AnomalyMonitorProblem(
                key: "method.ewma.warmup", message: "warmup is a number of values, and this is \(warmup); write 10")
        }
        return parameters
    }
}
