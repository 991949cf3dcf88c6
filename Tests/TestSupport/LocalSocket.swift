import Foundation
import Glibc

/// TCP on this machine for a test's own servers: each call blocks, and whoever opened a socket closes it.
public struct LocalSocket: Sendable {
    private let descriptor: Int32

    /// Listens on a port that nothing else has, or on the one that is named.
    public static func listening(on port: Int = 0) throws -> (socket: LocalSocket, port: Int) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port: port)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else {
            let code = errno
            Glibc.close(descriptor)
            throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
        }
        return (LocalSocket(descriptor: descriptor), Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Nil where nobody listens.
    public static func connected(to port: Int) -> LocalSocket? {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = address(port: port)
        let isConnected = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            Glibc.close(descriptor)
            return nil
        }
        return LocalSocket(descriptor: descriptor).withoutDelay()
    }

    /// Nil once it was ended.
    public func accepted() -> LocalSocket? {
        let client = accept(descriptor, nil, nil)
        return client >= 0 ? LocalSocket(descriptor: client).withoutDelay() : nil
    }

    /// What is there, up to `count` bytes; nil when the other side has gone.
    public func receive(atMost count: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        let came = recv(descriptor, &buffer, count, 0)
        return came > 0 ? Array(buffer[..<came]) : nil
    }

    /// Nil when the other side goes before all of them are here.
    public func receive(_ count: Int) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: count)
        return count == 0 || recv(descriptor, &buffer, count, Int32(MSG_WAITALL)) == count ? buffer : nil
    }

    /// - Returns: false when the other side has gone.
    @discardableResult
    public func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            // Without a signal where the other side has gone.
            let sent = rest.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard sent > 0 else { return false }
            rest = rest.dropFirst(sent)
        }
        return true
    }

    /// Wakes whoever waits in it.
    public func end() { shutdown(descriptor, Int32(SHUT_RDWR)) }

    public func close() { Glibc.close(descriptor) }

    private func withoutDelay() -> LocalSocket {
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        return self
    }

    private static func address(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
