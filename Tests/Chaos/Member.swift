import Foundation
import Glibc

/// One `tidewatch run` process.
final class Member {
    let name: String
    /// Which of the ports it has.
    let slot: Int
    let log: URL
    private let process: Process
    private let started = ContinuousClock.now
    private(set) var end: End?

    /// What was done to it.
    enum End: Equatable {
        case killed
        case terminated(since: ContinuousClock.Instant)
    }

    init(name: String, slot: Int, binary: URL, settings: URL, folder: URL) throws {
        self.name = name
        self.slot = slot
        log = folder.appendingPathComponent("\(name).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        process = Process()
        process.executableURL = binary
        process.arguments = ["run", "--config", settings.path]
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit { if process.isRunning { Glibc.kill(process.processIdentifier, SIGKILL) } }

    var isRunning: Bool { process.isRunning }
    var isStopping: Bool { end != nil }
    var age: Duration { started.duration(to: .now) }

    func kill() {
        end = .killed
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func terminate() {
        end = .terminated(since: .now)
        Glibc.kill(process.processIdentifier, SIGTERM)
    }

    /// What is wrong with how it ended, or that it did not; nil when all is well.
    func problem(drainMax: Duration) -> String? {
        switch end {
        case .killed: return nil
        case .terminated(let since):
            if process.isRunning {
                return since.duration(to: .now) > drainMax ? "did not end within \(drainMax) of SIGTERM" : nil
            }
            let isClean = process.terminationReason == .exit && process.terminationStatus == 0
            return isClean ? nil : "ended with \(status) after SIGTERM"
        case nil: return process.isRunning ? nil : "ended by itself with \(status)"
        }
    }

    private var status: String {
        process.terminationReason == .exit
            ? "status \(process.terminationStatus)" : "signal \(process.terminationStatus)"
    }
}
