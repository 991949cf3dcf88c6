import Foundation
import Glibc

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
    private let socket: Int32
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
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(socket, address, length) == 0 && listen(socket, 64) == 0
                    && getsockname(socket, address, &length) == 0
            }
        }
        guard isBound else {
            let code = errno
            close(socket)
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
        }
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [self] in serve() }
    }

    /// Accepts no more.
    public func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let client = accept(socket, nil, nil)
            guard client >= 0 else { break }
            Thread.detachNewThread { [self] in
                handle(client)
                close(client)
            }
        }
        close(socket)
    }

    private func handle(_ client: Int32) {
        guard let request = read(client) else { return }
        let answer = answer(request)
        switch answer {
        case .status(let status, let headers, let body):
            let lines = [
                "HTTP/1.1 \(status) Answer", "content-type: application/json", "connection: close",
                "content-length: \(body.utf8.count)",
            ]
            let head = lines + headers.map { "\($0.key): \($0.value)" }
            let bytes = Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
            // Without a signal where the client has gone.
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        case .silence:
            var byte: UInt8 = 0
            while recv(client, &byte, 1, 0) > 0 {}
        }
        answered(request, answer)
    }

    /// Nil where the client goes before all of it is here.
    private func read(_ client: Int32) -> Request? {
        var bytes = Data()
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let blank = Data("\r\n\r\n".utf8)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes.append(contentsOf: buffer[..<count])
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
    }
}
