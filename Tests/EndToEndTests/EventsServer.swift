import Foundation

/// PagerDuty's Events API v2, or a receiver of CloudEvents, as far as a sender sees it: one request after the other, each on a connection of its own.
final class EventsServer: @unchecked Sendable {
    struct Request {
        let line: String
        /// By their names in small letters.
        let headers: [String: String]
        let body: Data
        let event: JSON
        let status: Int
    }

    let port: Int
    private let socket: Int32
    private let answer: @Sendable (_ event: JSON, _ earlier: [Request]) -> Int
    /// Guards `received`, and tells of each change; all else is constant.
    private let changed = NSCondition()
    private var received: [Request] = []

    /// - Parameter answer: the HTTP status for an event, after those before it.
    init(answer: @escaping @Sendable (_ event: JSON, _ earlier: [Request]) -> Int) throws {
        (socket, port) = try listen()
        self.answer = answer
        Thread.detachNewThread { [self] in serve() }
    }

    /// Accepts no more, which ends the thread.
    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    var requests: [Request] { changed.withLock { received } }

    /// False when it did not come to that within `limit`.
    func wait(_ limit: Duration, until isDone: ([Request]) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: limit / .seconds(1))
        changed.lock()
        defer { changed.unlock() }
        while !isDone(received) { if !changed.wait(until: deadline) { return isDone(received) } }
        return true
    }

    private func serve() {
        while true {
            let client = accept(socket, nil, nil)
            guard client >= 0 else { break }
            handle(FileHandle(fileDescriptor: client, closeOnDealloc: true))
        }
        close(socket)
    }

    private func handle(_ client: FileHandle) {
        var bytes = Data()
        let blank = Data("\r\n\r\n".utf8)
        while true {
            let more = client.availableData
            guard !more.isEmpty else { return }
            bytes += more
            guard let end = bytes.range(of: blank) else { continue }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let length = lines.lazy.map { $0.lowercased() }.first { $0.hasPrefix("content-length:") }
                .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
            guard bytes.count - end.upperBound >= length ?? 0 else { continue }
            respond(to: lines, body: Data(bytes[end.upperBound...]), client)
            return
        }
    }

    private func respond(to lines: [String], body: Data, _ client: FileHandle) {
        // A body that is no JSON is recorded as null, which no test takes for an event.
        let event = (try? JSON(parsing: body)) ?? .null
        let status = answer(event, requests)
        let text = #"{"status":"said","message":"Answered","dedup_key":""}"#
        let head = "HTTP/1.1 \(status) Answer\r\ncontent-type: application/json\r\nconnection: close\r\n"
        try? client.write(contentsOf: Data("\(head)content-length: \(text.utf8.count)\r\n\r\n\(text)".utf8))
        changed.withLock {
            let headers = lines.dropFirst().compactMap { line -> (String, String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (
                    line[..<colon].lowercased(),
                    line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                )
            }
            received.append(
                Request(
                    line: lines[0], headers: Dictionary(headers) { $1 }, body: body, event: event, status: status))
            changed.broadcast()
        }
    }
}
