import Foundation
import TestSupport

/// PagerDuty's Events API v2, or a receiver of CloudEvents, as far as a sender sees it.
final class EventsServer {
    struct Request {
        let line: String
        /// By their names in small letters.
        let headers: [String: String]
        let body: Data
        let event: JSON
        let status: Int
    }

    /// `@unchecked Sendable`: the condition guards all of it.
    private final class Received: @unchecked Sendable {
        /// Tells of each change.
        let changed = NSCondition()
        private(set) var requests: [Request] = []

        var all: [Request] { changed.withLock { requests } }

        func append(_ request: Request) {
            changed.withLock {
                requests.append(request)
                changed.broadcast()
            }
        }
    }

    private let received = Received()
    private let http: HTTPReceiver

    /// - Parameter answer: the HTTP status for an event, after those before it.
    init(answer: @escaping @Sendable (_ event: JSON, _ earlier: [Request]) -> Int) throws {
        // A body that is no JSON is recorded as null, which no test takes for an event.
        @Sendable func event(in request: HTTPReceiver.Request) -> JSON { (try? JSON(parsing: request.body)) ?? .null }
        http = try HTTPReceiver { [received] request in
            .status(
                answer(event(in: request), received.all),
                body: #"{"status":"said","message":"Answered","dedup_key":""}"#)
        } answered: { [received] request, answer in
            guard case .status(let status, _, _) = answer else { return }
            received.append(
                Request(
                    line: request.line, headers: request.headers, body: request.body, event: event(in: request),
                    status: status))
        }
    }

    var port: Int { http.port }

    /// Accepts no more.
    func stop() { http.stop() }

    var requests: [Request] { received.all }

    /// False when it did not come to that within `limit`.
    func wait(_ limit: Duration, until isDone: ([Request]) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: limit / .seconds(1))
        received.changed.lock()
        defer { received.changed.unlock() }
        while !isDone(received.requests) {
            if !received.changed.wait(until: deadline) { return isDone(received.requests) }
        }
        return true
    }
}
