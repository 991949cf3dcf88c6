import Foundation
import KafkaClient
import Logging
import Observability
import Records
import Runtime
import ServiceLifecycle
import Settings
import Sinks
import Synchronization
import TelemetryModel

/// Sends the alert feed to one sink: a consumer group of the sink's own, one thread that never waits for the sink, and
/// ``DeliveryEngine`` in the middle.
public final class SinkService: Service {
    public struct Failure: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    private let context: FeedDelivery.Context
    private let client: SinkClient
    private let sink: any Sink
    /// The sink with the secret that its file holds now, until the thread has taken it.
    private let renewal = SinkRenewal()

    /// - Parameter environment: where the usual variables of proxies are looked for.
    /// - Throws: for a sink that can't be: each says which setting is at fault.
    public init(
        _ sink: SinkSettings, of settings: RunSettings, metrics: MetricsRegistry, brokers: BrokerLog,
        skips: [TopicPlace] = [], logger: Logger,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws(Failure) {
        do throws(SinkFault) { self.sink = try sink.makeSink() } catch {
            throw Failure(description: "sink \(sink.name): \(error)")
        }
        guard let address = URL(string: sink.destination.address) else {
            throw Failure(description: "sink \(sink.name): its address is none")
        }
        let proxy: ProxyChoice?
        do throws(ProxyProblem) { proxy = try ProxyChoice.of(address, environment: environment) } catch {
            throw Failure(description: "sink \(sink.name): \(error)")
        }
        if let proxy {
            logger.info("a sink is reached through a proxy", metadata: ["sink": "\(sink.name)", "proxy": "\(proxy)"])
        }
        client = SinkClient(proxy: proxy, minimumVersion: settings.tls.minimumVersion)
        sink.secret.file?.follow { [renewal] secret in
            var renewed = sink
            renewed.destination.secret = secret
            renewal.put(try renewed.makeSink())
        }
        var limits = DeliveryLimits()
        limits.maxAgeNanoseconds = settings.alerts.maxAgeNanoseconds
        let authentication = settings.outputs.authentication
        context = FeedDelivery.Context(
            kafka: settings.kafka.clientSettings, group: sink.group(of: settings.kafka.groupID),
            topics: OutputTopics(prefix: settings.outputs.prefix), form: settings.outputs.recordForm ?? .first,
            limits: limits,
            metrics: metrics, brokers: brokers,
            skips: SkippedRecords(skips, authentication: authentication, metrics, logger),
            authentication: authentication, logger: logger)
    }

    public func run() async throws {
        let stop = Latch()
        let outcome: Result<Void, any Error> = await withTaskCancellationOrGracefulShutdownHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Result<Void, any Error>, Never>) in
                // Kafka's calls block, so they have a thread; requests are awaited as tasks.
                _ = WorkThread(named: "sink-\(sink.name)") { [context, client, sink, renewal] in
                    continuation.resume(
                        returning: Result {
                            try FeedDelivery(sink, client, context, stop: stop, renewal: renewal).run()
                        })
                }
            }
        } onCancelOrGracefulShutdown: {
            stop.reach()
        }
        try await client.shutdown()
        try outcome.get()
    }
}
