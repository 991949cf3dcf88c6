import Foundation
import Synchronization
import TestSupport

/// A PagerDuty on this machine, which takes every page and knows when it came.
struct PageInbox {
    static let routingKey = "abcdefghijklmnopqrstuvwxyzABCDEF"

    private final class Log: Sendable {
        let pages = Mutex<[String: [ContinuousClock.Instant]]>([:])
    }

    private let log: Log
    private let receiver: HTTPReceiver

    init() throws {
        let log = Log()
        self.log = log
        receiver = try HTTPReceiver { request in
            let now = ContinuousClock.now
            guard let event = try? JSONSerialization.jsonObject(with: request.body) as? [String: Any],
                let key = event["dedup_key"] as? String, let action = event["event_action"] as? String
            else { return .status(400, body: #"{"message":"Malformed"}"#) }
            // `slo/cloudtrail-17/…`
            let name = key.split(separator: "/").dropFirst().first.map(String.init) ?? key
            if action == "trigger" { log.pages.withLock { $0[name, default: []].append(now) } }
            return .status(202, body: #"{"status":"success","message":"Event processed"}"#)
        }
    }

    var address: String { "http://127.0.0.1:\(receiver.port)/v2/enqueue" }
    /// By SLO, when it was paged.
    var pages: [String: [ContinuousClock.Instant]] { log.pages.withLock { $0 } }

    func stop() { receiver.stop() }
}
