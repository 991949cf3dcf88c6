import Foundation
import Testing
import Synchronization
import TestSupport

/// A TCP port that nothing listens on, handed out once.
///
/// It lies below the ports that Linux gives to whoever asks for any (32768 and up by default): one of those could go to a
/// broker or a connection of a test beside this one before the program under test has bound it.
func freePort() throws -> Int {
    for _ in 0..<1_000 {
        let port = Int.random(in: 10_000..<32_768)
        guard handedOut.withLock({ $0.insert(port).inserted }), let (socket, _) = try? listen(on: port) else {
            continue
        }
        close(socket)
        return port
    }
    throw POSIXError(.EADDRINUSE)
}

private let handedOut = Mutex<Set<Int>>([])

/// A listening socket on the loopback address, and its port; any free port when none is named.
func listen(on port: Int = 0) throws -> (socket: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 16) == 0
                && getsockname(descriptor, address, &length) == 0
        }
    }
    guard isBound else {
        let code = errno
        close(descriptor)
        throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EIO)
    }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
}

/// The body of a plain HTTP answer; `nil` where nobody answers.
func httpGet(port: Int, _ path: String) -> String? {
    let client = Process()
    client.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    client.arguments = ["curl", "-s", "--max-time", "5", "http://127.0.0.1:\(port)\(path)"]
    let output = Pipe()
    client.standardOutput = output
    guard (try? client.run()) != nil else { return nil }
    let body = output.fileHandleForReading.readDataToEndOfFile()
    client.awaitEnd()
    return client.terminationStatus == 0 ? String(decoding: body, as: UTF8.self) : nil
}

/// Polls until the metric's value is as wanted; false after some minutes.
func awaitMetric(_ name: String, port: Int, _ isReached: (Double) -> Bool) throws -> Bool {
    eventually(every: .milliseconds(100)) {
        let lines = (httpGet(port: port, "/metrics") ?? "").split(separator: "\n")
        let line = lines.first { $0.hasPrefix(name + " ") }
        return line?.split(separator: " ").last.flatMap { Double($0) }.map(isReached) ?? false
    }
}
