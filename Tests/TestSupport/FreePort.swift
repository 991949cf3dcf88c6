import Foundation
import Synchronization

/// A TCP port of this machine that nothing listens on, handed out once.
///
/// It lies below the ports that Linux gives to connections and to whoever asks for any (32768 and up by default): one of those could go to
/// a broker or a connection of a test beside this one before the program under test has bound it, or while it is started again.
public func freePort() throws -> Int {
    for _ in 0..<1_000 {
        let port = Int.random(in: 10_000..<32_768)
        guard handedOut.withLock({ $0.insert(port).inserted }), let (socket, _) = try? LocalSocket.listening(on: port)
        else { continue }
        socket.close()
        return port
    }
    throw POSIXError(.EADDRINUSE)
}

/// Several, all different.
public func freePorts(_ count: Int) throws -> [Int] { try (0..<count).map { _ in try freePort() } }

private let handedOut = Mutex<Set<Int>>([])
