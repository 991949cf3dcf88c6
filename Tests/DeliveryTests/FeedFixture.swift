import Foundation
import Logging
import Observability
import Records
import Runtime
import Sinks
import Synchronization
import TestSupport

@testable import Delivery

/// A broker in this process, a sink that takes what `status` says, and the thread that delivers from the one to the other.
///
/// `@unchecked Sendable`: the thread of ``run(status:_:)`` alone uses it.
final class FeedFixture: @unchecked Sendable {
    let feed: AlertFeed
    let metrics = MetricsRegistry()
    private let sink: any Sink
    private let server: HTTPReceiver
    private let taken: TakenRequests
    private var stop = Latch()
    private let client = SinkClient(proxy: nil)
    private var thread: WorkThread?
    private let ended = Mailbox<String>()

    private final class TakenRequests: Sendable {
        let requests = Mailbox<String>()
        let status: Mutex<Int>

        init(status: Int) { self.status = Mutex(status) }
    }

    /// What the sink answers from now on.
    func answer(_ status: Int) { taken.status.withLock { $0 = status } }

    /// Runs `body` on a thread of its own, because it waits, and requests are tasks.
    static func run(status: Int = 202, _ body: @escaping @Sendable (FeedFixture) throws -> Void) async throws {
        let fixture = try FeedFixture(status: status)
        var failure: (any Error)?
        do {
            try await onOwnThread {
                defer { fixture.end() }
                try body(fixture)
            }
        } catch { failure = error }
        try await fixture.client.shutdown()
        if let failure { throw failure }
    }

    private init(status: Int) throws {
        feed = try AlertFeed()
        let taken = TakenRequests(status: status)
        self.taken = taken
        server = try HTTPReceiver { request in
            taken.requests.put(String(decoding: request.body, as: UTF8.self))
            return .status(taken.status.withLock { $0 })
        }
        sink = WebhookSink(name: "hook", url: "http://127.0.0.1:\(server.port)/", secret: Array("secret".utf8))
    }

    private func end() {
        leave()
        server.stop()
    }

    /// Stops the member, which leaves its group.
    func leave() {
        stop.reach()
        _ = thread?.join(timeout: patience / .seconds(1))
    }

    func start(
        _ limits: DeliveryLimits = DeliveryLimits(), authentication: RecordAuthentication? = nil
    ) throws {
        var settings = feed.broker.settings
        settings.options = AlertFeed.options
        stop = Latch()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let context = FeedDelivery.Context(
            kafka: settings, group: "hooks", topics: feed.topics, form: .first, limits: limits, metrics: metrics,
            brokers: BrokerLog(logger: logger), skips: SkippedRecords(authentication: authentication),
            authentication: authentication,
            logger: logger)
        let delivery = try FeedDelivery(sink, client, context, stop: stop)
        thread = WorkThread(named: "deliver") { [ended] in
            do {
                try delivery.run()
                ended.put("")
            } catch { ended.put("\(error)") }
        }
    }

    func forgetRequests() { _ = taken.requests.takeAll(timeout: 0) }

    /// What the sink is sent next; empty where nothing came in time.
    func nextRequests() -> [String] { taken.requests.takeAll(timeout: patience / .seconds(1)) ?? [] }

    /// Why the delivery ended; empty where it was stopped, or did not end in time.
    func nextEnd() -> String { ended.takeAll(timeout: patience / .seconds(1))?.first ?? "" }

    func metric(_ family: MetricFamily, _ labels: (String, String)...) -> Double? {
        metrics.value(family, [("sink", "hook")] + labels)
    }
}
