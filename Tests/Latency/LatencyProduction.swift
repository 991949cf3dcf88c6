import Foundation
import KafkaClient
import Synchronization
import TestSupport

/// The records of all kinds, each produced on a thread of its own.
final class LatencyProduction: Sendable {
    private let begin = Mutex<ContinuousClock.Instant?>(nil)
    private let results = Mutex<[LatencyKind: Result<[ContinuousClock.Instant], any Error>]>([:])
    private static let patience = Duration.seconds(60)

    init(_ plan: LatencyPlan, to broker: LatencyBroker, seed: UInt64) throws {
        for (place, kind) in LatencyKind.allCases.enumerated() {
            var settings = broker.settings
            settings.options["linger.ms"] = "0"
            let producer = try KafkaProducer(settings: settings)
            Thread.detachNewThread { [self] in
                var traffic = LatencyTraffic(
                    kind, plan, to: producer, offset: LatencyPlan.slice / LatencyKind.allCases.count * place,
                    seed: seed &+ UInt64(place))
                let result = Result { try traffic.produce { begin.withLock { $0 } } }
                let outcome = producer.close(timeout: Self.patience)
                results.withLock {
                    $0[kind] =
                        outcome == .delivered
                        ? result
                        : .failure(LatencyOptions.Problem(description: "records were not delivered: \(outcome)"))
                }
            }
        }
    }

    /// Somebody reads. The first call counts.
    func go(at time: ContinuousClock.Instant) { begin.withLock { $0 = $0 ?? time } }

    /// By kind, when each slice had begun in the last partition.
    func completed(within time: Duration) throws -> [LatencyKind: [ContinuousClock.Instant]] {
        guard eventually(within: time, { results.withLock { $0.count } == LatencyKind.allCases.count }) else {
            throw LatencyOptions.Problem(description: "the records were not produced in time")
        }
        return try results.withLock { $0 }.mapValues { try $0.get() }
    }
}
