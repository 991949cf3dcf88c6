import Auditing
import Expressions
import Settings
import TelemetryModel

/// Which events are recorded, and the recorder of them: what always is, and what the settings' filter adds. Nothing takes away.
package struct AuditPolicy: Sendable {
    package let recorder: AuditRecorder
    private let include: Program?

    package enum Decision: Sendable {
        case recorded
        case passedOver
        /// The settings' filter came to no answer: a field is missing, or it reads too much.
        case undecided
    }

    init(
        _ settings: AuditSettings, provenance: Provenance?, projection: inout ProjectionBuilder
    ) throws(ExpressionProblem) {
        recorder = AuditRecorder(projection: &projection, provenance: provenance)
        if let source = settings.include {
            include = try ExpressionCompiler.compileFilter(source, over: .cloudTrail, projection: &projection)
        } else {
            include = nil
        }
    }

    /// No allocation; the filter runs only where the event is not recorded anyway.
    package func decision(on event: borrowing EventView) -> Decision {
        if recorder.isAuditable(event) { return .recorded }
        guard let include else { return .passedOver }
        switch include.evaluate(event) {
        case .bool(let isIncluded): return isIncluded ? .recorded : .passedOver
        case .error: return .undecided
        default: return .passedOver
        }
    }
}
