import Foundation

/// `openssl s_server`: takes TLS of given versions and prints what it is sent.
public final class TLSServer {
    public let port: Int
    private let process = Process()
    private let input = Pipe()
    private let folder: TemporaryFolder
    private let file = "\(UUID().uuidString).tls"

    public struct Failure: Error {}

    /// - Parameter options: such as `-tls1_2`.
    public init(_ certificates: Certificates, in folder: TemporaryFolder, _ options: [String]) throws {
        self.folder = folder
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", certificates.certificate]
            + ["-key", certificates.key, "-naccept", "100"] + options
        process.standardInput = input
        let output = try folder.file(file)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        var found: Int?
        let (log, server) = (file, process)
        _ = try eventually(while: { server.isRunning }) {
            found = try folder.text(log).firstMatch(of: /ACCEPT .*:(\d+)\n/).flatMap { Int($0.1) }
            return found != nil
        }
        guard let found else { throw Failure() }
        port = found
    }

    deinit {
        // Who starts it from a thread of a pool hands down a mask that blocks other signals.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// What it has said of connections, and what came over them.
    public var said: String { (try? folder.text(file)) ?? "" }
}
