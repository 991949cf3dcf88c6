import Foundation
import ServiceLifecycle
import Synchronization

/// The consumer as a service: runs on threads of its own, and drains on a graceful shutdown.
public struct ConsumerService: Service {
    private let pipeline: ConsumerPipeline

    public init(pipeline: ConsumerPipeline) {
        self.pipeline = pipeline
    }

    public func run() async throws {
        try await withTaskCancellationOrGracefulShutdownHandler {
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
