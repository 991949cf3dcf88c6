import Foundation
import Runtime
import Settings
import Sinks
import Synchronization
import TestSupport

/// A receiver of PagerDuty's events or of a webhook's, which answers as it is told and notes what it was told of alerts.
final class ScriptedSink: Sendable {
    struct Told: Equatable {
        /// `open NAME` or `resolved NAME`.
        let what: String
        /// The status that it was answered with.
        let answer: Int

        init(_ what: String, _ answer: Int = 202) {
            self.what = what
            self.answer = answer
        }
    }

    struct Answer {
        var status: Int
        var body = ""
    }

    private final class Script: Sendable {
        let told = Mailbox<Told>()
        let answers = Mutex<[Answer]>([])
        let keys = Mutex<[String]>([])

        func answer(_ body: Data) -> HTTPReceiver.Answer {
            let answer = answers.withLock { $0.isEmpty ? Answer(status: 202) : $0.removeFirst() }
            if let event = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
                let key = event["routing_key"] as? String
            {
                keys.withLock { $0.append(key) }
            }
            told.put(Told(ScriptedSink.what(body), answer.status))
            return .status(answer.status, body: answer.body)
        }
    }

    static let routingKey = "0123456789abcdef0123456789ABCDEF"
    let settings: SinkSettings
    private let script: Script
    private let server: HTTPReceiver

    /// Of all events, in their order.
    var keys: [String] { script.keys.withLock { $0 } }

    static func pagerDuty(_ name: String, key: Secret = Secret(routingKey)) throws -> ScriptedSink {
        try ScriptedSink(name) { address in
            var settings = PagerDutySettings(routingKey: key)
            settings.address = address
            return settings
        }
    }

    static func webhook(_ name: String) throws -> ScriptedSink {
        try ScriptedSink(name) { WebhookSettings(url: $0, secret: Secret("sixteen or more bytes")) }
    }

    private init(_ name: String, _ destination: (String) -> any SinkDestination) throws {
        let script = Script()
        self.script = script
        server = try HTTPReceiver { script.answer($0.body) }
        settings = SinkSettings(name: name, destination: destination("http://127.0.0.1:\(server.port)/in"))
    }

    /// What comes next is answered so, a request each; all others with 202.
    func answer(_ answers: Answer...) { script.answers.withLock { $0 = answers } }

    /// The next `count` things that it is told; fewer where they did not come in time.
    func next(_ count: Int) -> [Told] {
        let deadline = ContinuousClock.now + patience
        var all: [Told] = []
        while all.count < count, ContinuousClock.now < deadline {
            all += script.told.takeAll(timeout: (deadline - .now) / .seconds(1)) ?? []
        }
        return all
    }

    /// What it was told and nobody asked for.
    var rest: [Told] { script.told.takeAll(timeout: 0) ?? [] }

    func stop() { server.stop() }

    private static func what(_ body: Data) -> String {
        guard let event = (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] else { return "no event" }
        let key = event["dedup_key"] ?? event["subject"]
        let name = (key as? String)?.split(separator: "/").dropFirst().first ?? "nothing"
        switch event["event_action"] as? String {
        case "trigger": return "open \(name)"
        case "resolve": return "resolved \(name)"
        default: return "\((event["data"] as? [String: Any])?["status"] ?? "no status") \(name)"
        }
    }
}
