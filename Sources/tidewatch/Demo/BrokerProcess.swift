import Foundation

/// The embedded broker in a process of its own, for as long as it is needed.
final class BrokerProcess {
    let address: String
    private let process: Process
    /// Held open: when this process ends, however it does, the broker's input ends and so does the broker.
    private let input: Pipe

    private init(address: String, process: Process, input: Pipe) {
        self.address = address
        self.process = process
        self.input = input
    }

    /// Starts `tidewatch broker` and returns once it listens.
    static func start(topics: [String]) async throws -> BrokerProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["broker", "--until-input-ends"] + topics.flatMap { ["--topic", $0] }
        let output = Pipe()
        let input = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let handle = output.fileHandleForReading
        let line = try await onOwnThread { () -> String in
            var bytes: [UInt8] = []
            // The broker prints its address as soon as it listens; the end of the pipe means that it did not start.
            while let more = try handle.read(upToCount: 1), let byte = more.first, byte != 0x0A { bytes.append(byte) }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard !line.isEmpty else { throw CommandFailure(.failed, "the embedded broker did not start") }
        return BrokerProcess(address: line, process: process, input: input)
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }
}
