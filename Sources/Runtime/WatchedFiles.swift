import Foundation
import Logging
import Observability
import Synchronization

/// Files of secrets, keys and certificates that are replaced while the process runs.
///
/// Who has it looks every few seconds. What has changed is taken when it has been left alone from one look to the next, so that
/// no half of a file is believed; Kubernetes' replacing of a link is seen as well as an editor's writing.
public final class WatchedFiles: Sendable {
    public enum Outcome: Sendable {
        /// It holds what it held.
        case same
        case taken
        /// It is only read at a start.
        case needsRestart
    }

    public struct Entry: Sendable {
        /// The setting that names the files.
        let setting: String
        let paths: [String]
        let take: @Sendable () throws -> Outcome

        /// - Parameter take: reads the files again. What it throws is said, and what was read before goes on holding.
        public init(_ setting: String, _ paths: [String], take: @escaping @Sendable () throws -> Outcome) {
            self.setting = setting
            self.paths = paths
            self.take = take
        }

        /// Files that are read at a start alone.
        public static func atStart(_ setting: String, _ path: String) -> Entry {
            @Sendable func content() throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path)) }
            let before = try? content()
            return Entry(setting, [path]) { try content() == before ? .same : .needsRestart }
        }
    }

    /// What tells that a file was written or replaced.
    private struct Mark: Equatable {
        let device: UInt64
        let number: UInt64
        let bytes: Int64
        let changed: [Int]

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            device = UInt64(status.st_dev)
            number = UInt64(status.st_ino)
            bytes = Int64(status.st_size)
            changed = [
                status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
            ]
        }
    }

    private struct Look {
        var seen: [Mark?] = []
        /// Of what `take` was asked for last.
        var taken: [Mark?] = []
    }

    /// Between two looks.
    public static let interval = Duration.seconds(5)

    private let entries: [Entry]
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let looks: Mutex<[Look]>

    public init(_ entries: [Entry], metrics: MetricsRegistry, logger: Logger) {
        self.entries = entries
        self.metrics = metrics
        self.logger = logger
        looks = Mutex(entries.map { _ in Look() })
        for entry in entries {
            for result in ["taken", "refused"] {
                metrics.begin(.filesReread, [("setting", entry.setting), ("result", result)])
            }
        }
    }

    /// Looks once at each file. Blocks on reads.
    public func look() {
        for (number, entry) in entries.enumerated() {
            let marks = entry.paths.map { Mark($0) }
            let isSettled = looks.withLock { looks in
                defer { looks[number].seen = marks }
                guard looks[number].seen == marks, looks[number].taken != marks else { return false }
                looks[number].taken = marks
                return true
            }
            if isSettled { take(entry) }
        }
    }

    private func take(_ entry: Entry) {
        let label = ("setting", entry.setting)
        do {
            switch try entry.take() {
            case .same: metrics.set(.restartNeeded, [label], to: 0)
            case .taken:
                metrics.add(.filesReread, [label, ("result", "taken")])
                logger.notice("a changed file was read again", metadata: ["setting": "\(entry.setting)"])
            case .needsRestart:
                metrics.set(.restartNeeded, [label], to: 1)
                logger.warning(
                    "a file has changed that is only read at a start: restart to take it",
                    metadata: ["setting": "\(entry.setting)"])
            }
        } catch {
            metrics.add(.filesReread, [label, ("result", "refused")])
            logger.error(
                "a changed file can't be used, and what was read before still is",
                metadata: ["setting": "\(entry.setting)", "error": "\(error)"])
        }
    }
}
