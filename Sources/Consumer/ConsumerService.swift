import Foundation
import Runtime
import ServiceLifecycle
import Synchronization

/// The consumer as a service: runs on threads of its own, and drains on a graceful shutdown.
public struct ConsumerService: Service {
    private let pipeline: ConsumerPipeline
    private let ready: @Sendable () async throws -> Void

    /// - Parameter ready: awaited before the group is joined, which is not done when it throws.
    public init(pipeline: ConsumerPipeline, startingAfter ready: @escaping @Sendable () async throws -> Void = {}) {
        self.pipeline = pipeline
        self.ready = ready
    }

    public func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
            try await ready()
            try Task.checkCancellation()
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let pipeline = pipeline
                _ = WorkThread(named: "consumer") {
                    continuation.resume(with: Result { try pipeline.run() })
                }
            }
        } onCancelOrGracefulShutdown: {
            pipeline.stop()
        }
    }
}
