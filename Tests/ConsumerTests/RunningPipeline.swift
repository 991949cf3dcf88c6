import Alerting
import Foundation
import Logging
import Observability
import Runtime
import Synchronization
import TelemetryModel
import TestSupport

@testable import Consumer

/// A consumer on a thread of its own, with what it tells.
final class RunningPipeline: Sendable {
    private struct State {
        var failure: String?
        var alerts: [AlertTransition] = []
    }

    let metrics = MetricsRegistry()
    let readiness = Readiness()
    /// Reached when all of the half hour is judged.
    let closed = Latch()
    private let ended = Latch()
    private let state: StateBox
    private let pipeline: ConsumerPipeline

    /// What threads of the pipeline write.
    private final class StateBox: Sendable {
        let state = Mutex(State())
    }

    /// - Parameter end: the event time up to which windows have to be over for `closed`.
    init(_ configuration: ConsumerPipeline.Configuration, closing end: Timestamp) {
        let box = StateBox()
        state = box
        let (closed, ended) = (closed, ended)
        let pipeline = ConsumerPipeline(
            configuration,
            telemetry: PipelineTelemetry(
                metrics: metrics, readiness: readiness, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            hooks: PipelineHooks(
                onAlert: { transition in box.state.withLock { $0.alerts.append(transition) } },
                onClosed: { if $0 >= end { closed.reach() } }))
        self.pipeline = pipeline
        _ = WorkThread(named: "pipeline") {
            do { try pipeline.run() } catch { box.state.withLock { $0.failure = "\(error)" } }
            ended.reach()
        }
    }

    var isRunning: Bool { !ended.isReached }
    /// Transitions that were acknowledged.
    var alerts: [AlertTransition] { state.state.withLock { $0.alerts } }

    /// Waits for it to end by itself.
    ///
    /// - Returns: why it ended; `nil` where nothing is wrong, or where it goes on.
    func failure() -> String? {
        _ = ended.wait(timeout: patience / .seconds(1))
        return state.state.withLock { $0.failure }
    }

    /// Stops it, and waits for that.
    ///
    /// - Returns: what went wrong.
    func stop() -> String? {
        pipeline.stop()
        return failure()
    }

    /// Whether the group has given it what it is to have.
    func isReady() -> Bool { eventually(while: { self.isRunning }) { readiness.current == .ready } }

    /// Whether the half hour is judged.
    func isClosed() -> Bool { closed.wait(timeout: patience / .seconds(1)) }
}
