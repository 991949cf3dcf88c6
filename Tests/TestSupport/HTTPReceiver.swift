import Foundation

/// Takes requests over plain HTTP on this machine, each on a connection and a thread of its own, and answers as it is told.
public final class HTTPReceiver: Sendable {
    public struct Request: Sendable {
        /// `POST /v2/enqueue HTTP/1.1`.
        public let line: String
        /// By their names in small letters.
        public let headers: [String: String]
        public let body: Data

        public var path: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }
    }

    public enum Answer: Sendable {
        case status(Int, headers: [String: String] = [:], body: String = "")
        /// Nothing comes, until the client goes.
        case silence
    }

    public let port: Int
    private let socket: LocalSocket
    private let answer: @Sendable (Request) -> Answer
    private let answered: @Sendable (Request, Answer) -> Void

    /// - Parameters:
    ///   - answer: called on the request's own thread, which may wait in it.
    ///   - answered: called once the answer is written, whether or not anybody is there to read it.
    public init(
        _ answer: @escaping @Sendable (Request) -> Answer,
        answered: @escaping @Sendable (Request, Answer) -> Void = { _, _ in }
    ) throws {
        self.answer = answer
        self.answered = answered
        (socket, port) = try LocalSocket.listening()
        Thread.detachNewThread { [self] in serve() }
    }

    /// Accepts no more.
    public func stop() { socket.end() }

    private func serve() {
        while let client = socket.accepted() {
            Thread.detachNewThread { [self] in
                handle(client)
                client.close()
            }
        }
        socket.close()
    }

    private func handle(_ client: LocalSocket) {
        guard let request = read(client) else { return }
        let answer = answer(request)
        switch answer {
        case .status(let status, let headers, let body):
            let lines = [
                "HTTP/1.1 \(status) Answer", "content-type: application/json", "connection: close",
                "content-length: \(body.utf8.count)",
            ]
            let head = lines + headers.map { "\($0.key): \($0.value)" }
            client.send(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
        case .silence:
            while client.receive(atMost: 1_024) != nil {}
        }
        answered(request, answer)
    }

    /// Nil where the client goes before all of it is here.
    private func read(_ client: LocalSocket) -> Request? {
        var bytes = Data()
        let blank = Data("\r\n\r\n".utf8)
        while let part = client.receive(atMost: 16_384) {
            bytes.append(contentsOf: part)
            guard let end = bytes.range(of: blank) else { continue }
            let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
            let headers = lines.dropFirst().compactMap { line -> (String, String)? in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                return (
                    line[..<colon].lowercased(),
                    line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
                )
            }
            let named = Dictionary(headers) { $1 }
            let length = named["content-length"].flatMap { Int($0) } ?? 0
            guard bytes.count - end.upperBound >= length else { continue }
            return Request(line: lines[0], headers: named, body: Data(bytes[end.upperBound...]))
        }
        return nil
    }
}
