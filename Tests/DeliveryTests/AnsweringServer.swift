import Foundation
import Glibc
import Synchronization

/// Takes one connection after the other on this machine, notes what it is asked, and answers with given bytes.
final class AnsweringServer: Sendable {
    enum Answer: Sendable {
        /// These bytes, and the end.
        case bytes(String)
        /// These bytes, and then nothing until the client goes.
        case hanging(String)
        /// These bytes, and then more and more.
        case endless(String)
    }

    let port: Int
    private let socket: Int32
    private let answer: Answer
    private let heads = Mutex<[String]>([])

    /// Heads of requests, in their order.
    var requests: [String] { heads.withLock { $0 } }
    var address: String { "http://127.0.0.1:\(port)/in" }

    init(_ answer: Answer) throws {
        self.answer = answer
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = socket
        let bound = withUnsafeMutableBytes(of: &place) { bytes in
            let raw = bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self)
            return bind(socket, raw, size) == 0 && listen(socket, 8) == 0 && getsockname(socket, raw, &size) == 0
        }
        guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
        port = Int(UInt16(bigEndian: place.sin_port))
        Thread.detachNewThread { [self] in serve() }
    }

    func stop() { shutdown(socket, Int32(SHUT_RDWR)) }

    private func serve() {
        while true {
            let client = accept(socket, nil, nil)
            guard client >= 0 else { break }
            let head = read(client)
            heads.withLock { $0.append(head) }
            switch answer {
            case .bytes(let text): _ = send(text, client)
            case .hanging(let text): if send(text, client) { _ = read(client) }
            case .endless(let text):
                var more = send(text, client)
                while more { more = send(String(repeating: "x", count: 4096), client) }
            }
            close(client)
        }
        close(socket)
    }

    /// What comes up to the end of a head, or of the connection.
    private func read(_ client: Int32) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(client, &buffer, buffer.count, 0)
            if count <= 0 { break }
            bytes += buffer[..<count]
            if String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") { break }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func send(_ text: String, _ client: Int32) -> Bool {
        let bytes = Array(text.utf8)
        return Glibc.send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }
}
