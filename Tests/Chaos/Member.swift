import Foundation
import Glibc

/// One `tidewatch run` process.
final class Member {
    let name: String
    /// Which of the ports it has.
    let slot: Int
    let release: Release
    /// Of its host, in a run where these are wrong.
    let clock: HostClock?
    let log: URL
    private let process: Process
    private let started = ContinuousClock.now
    private(set) var end: End?
    /// Whether it is stopped, and until when; nil for as long as nobody lets it go on.
    private(set) var isPaused = false
    private var pausedUntil: ContinuousClock.Instant?

    /// What was done to it.
    enum End: Equatable {
        case killed
        case terminated(since: ContinuousClock.Instant)
    }

    /// - Parameter host: nil for this machine as it is.
    init(
        name: String, slot: Int, release: Release, settings: URL, folder: URL,
        on host: (clock: HostClock, environment: [String: String])? = nil
    ) throws {
        self.name = name
        self.slot = slot
        self.release = release
        clock = host?.clock
        log = folder.appendingPathComponent("\(name).log")
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        process = Process()
        process.executableURL = release.binary
        process.arguments = ["run", "--config", settings.path]
        if let host { process.environment = host.environment }
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

    var isPauseOver: Bool { pausedUntil.map { $0 <= .now } ?? false }

    /// - Parameter time: nil until ``resume()``.
    func pause(for time: Duration?) {
        isPaused = true
        pausedUntil = time.map { .now + $0 }
        Glibc.kill(process.processIdentifier, SIGSTOP)
    }

    func resume() {
        (isPaused, pausedUntil) = (false, nil)
        Glibc.kill(process.processIdentifier, SIGCONT)
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
            return isClean || endedBeforeIt ? nil : "ended with \(status) after SIGTERM"
        case nil: return process.isRunning ? nil : "ended by itself with \(status)"
        }
    }

    /// Whether the signal has ended it before it listened to any, and had said or done anything.
    private var endedBeforeIt: Bool {
        process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGTERM
            && (try? Data(contentsOf: log))?.isEmpty == true
    }

    /// With what it may end by itself, with status 1: words that stand in one line of its log, in this order.
    var mayRefuse: [[String]] = []

    /// The words with which it has ended so; nil while it runs, or where it ended otherwise.
    var refusal: String? {
        guard end == nil, !process.isRunning, process.terminationReason == .exit, process.terminationStatus == 1,
            !mayRefuse.isEmpty, let said = try? String(contentsOf: log, encoding: .utf8)
        else { return nil }
        for line in said.split(separator: "\n") {
            if let words = mayRefuse.first(where: { line.holds($0) }) { return words.joined(separator: "…") }
        }
        return nil
    }

    private var status: String {
        process.terminationReason == .exit
            ? "status \(process.terminationStatus)" : "signal \(process.terminationStatus)"
    }
}

extension Substring {
    /// Whether all of these stand in it, one behind the other.
    fileprivate func holds(_ parts: [String]) -> Bool {
        var rest = self
        for part in parts {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
