import Foundation

/// A TCP port that nothing listens on at this moment.
func freePort() throws -> Int {
    let (socket, port) = try listen()
    close(socket)
    return port
}

/// A listening socket on the loopback address, and its port.
func listen() throws -> (socket: Int32, port: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
            bind(descriptor, address, length) == 0 && Glibc.listen(descriptor, 16) == 0
                && getsockname(descriptor, address, &length) == 0
        }
    }
    guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
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
    client.waitUntilExit()
    return client.terminationStatus == 0 ? String(decoding: body, as: UTF8.self) : nil
}

/// Polls until the metric's value is as wanted; false after a minute.
func awaitMetric(_ name: String, port: Int, _ isReached: (Double) -> Bool) throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        let lines = (httpGet(port: port, "/metrics") ?? "").split(separator: "\n")
        if let line = lines.first(where: { $0.hasPrefix(name + " ") }),
            let value = line.split(separator: " ").last.flatMap({ Double($0) }), isReached(value)
        {
            return true
        }
        // The server says nothing when it changes, so it is asked again, ten times a second.
        _ = poll(nil, 0, 100)
    }
    return false
}
