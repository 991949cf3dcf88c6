import Foundation
import Logging
import Observability
import Records
import Runtime
import ServiceLifecycle
import Settings
import Synchronization
import TestSupport

@testable import Delivery

/// The services of some sinks, as `tidewatch run` starts and stops them, between a feed and receivers.
///
/// `@unchecked Sendable`: the thread of ``run(_:_:)`` alone uses it.
final class SinkServiceFixture: @unchecked Sendable {
    /// Lines of the log with what they say beside the message.
    struct Lines: LogHandler {
        let said: Mailbox<String>
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let pairs = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted()
            said.put("\(event.message) \(pairs.joined(separator: " "))")
        }
    }

    let feed: AlertFeed
    let metrics = MetricsRegistry()
    private let sinks: [ScriptedSink]
    private let said = Mailbox<String>()
    private var lines: [String] = []
    private var group: ServiceGroup?
    private let ended = Mailbox<String>()

    /// Runs `body` on a thread of its own, because it waits.
    static func run(
        _ sinks: ScriptedSink..., body: @escaping @Sendable (SinkServiceFixture) throws -> Void
    ) async throws {
        let fixture = try SinkServiceFixture(sinks)
        try await onOwnThread {
            defer {
                _ = fixture.stop()
                for sink in fixture.sinks { sink.stop() }
            }
            try body(fixture)
        }
    }

    private init(_ sinks: [ScriptedSink]) throws {
        self.sinks = sinks
        feed = try AlertFeed()
    }

    /// - Parameter skips: records of our own topics that are passed over.
    func start(skips: [TopicPlace] = []) throws {
        let logger = Logger(label: "test") { [said] _ in Lines(said: said) }
        let services = try sinks.map { try service(for: $0, skips, logger) }
        let group = ServiceGroup(services: services, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
        self.group = group
        Task(priority: .high) { [ended] in
            do {
                try await group.run()
                ended.put("")
            } catch { ended.put("\(error)") }
        }
    }

    private func service(
        for sink: ScriptedSink, _ skips: [TopicPlace], _ logger: Logger
    ) throws(SinkService.Failure) -> SinkService {
        var settings = RunSettings(
            name: "test", kafka: KafkaSettings(bootstrapServers: feed.broker.bootstrapServers),
            inputs: [InputSettings(topic: "events")])
        settings.outputs.prefix = "t."
        settings.kafka.options = AlertFeed.options.map { KafkaOption(name: $0.key, value: Secret($0.value)) }
        return try SinkService(
            sink.settings, of: settings, metrics: metrics, brokers: BrokerLog(logger: logger), skips: skips,
            logger: logger, environment: [:])
    }

    /// Stops them as a signal does, and says why they ended: nothing where all is well.
    func stop() -> String {
        guard let group else { return "" }
        Task(priority: .high) { await group.triggerGracefulShutdown() }
        return awaitEnd()
    }

    /// Why they ended by themselves.
    func awaitEnd() -> String {
        group = nil
        return ended.takeAll(timeout: patience / .seconds(1))?.first ?? "they did not end"
    }

    /// Whether the log says `text`, which may take a while.
    func says(_ text: String) -> Bool {
        eventually {
            lines += said.takeAll(timeout: 0) ?? []
            return lines.contains { $0.contains(text) }
        }
    }

    func requests(_ sink: ScriptedSink, _ result: String) -> Double? {
        metrics.value(.notifications, [("sink", sink.settings.name), ("result", result)])
    }

    func silent(_ sink: ScriptedSink, _ silence: String) -> Double? {
        metrics.value(.notificationsSilent, [("sink", sink.settings.name), ("reason", silence)])
    }
}
