import Foundation

/// What an older binary left in its topics, and what it said of them.
///
/// The files are described in `README.md`; `record` makes them.
public struct Recording: Sendable, Equatable {
    /// A record as it lay in a topic. All keys and values are text: our own records and the inputs are JSON or lines.
    public struct Record: Codable, Sendable {
        public var topic: String
        public var partition: Int32
        public var offset: Int64
        /// Since 1970, as the producer gave it.
        public var milliseconds: Int64
        public var key: String?
        /// `nil` is a tombstone.
        public var value: String?
        public var headers: [Header]

        public struct Header: Codable, Sendable {
            public var name: String
            public var value: String?

            public init(name: String, value: String?) {
                self.name = name
                self.value = value
            }
        }

        public init(
            topic: String, partition: Int32, offset: Int64, milliseconds: Int64, key: String?, value: String?,
            headers: [Header]
        ) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
            self.milliseconds = milliseconds
            self.key = key
            self.value = value
            self.headers = headers
        }
    }

    /// What a consumer group had committed.
    public struct Commit: Codable, Sendable {
        public var group: String
        public var topic: String
        public var partition: Int32
        public var offset: Int64
        public var metadata: String

        public init(group: String, topic: String, partition: Int32, offset: Int64, metadata: String) {
            self.group = group
            self.topic = topic
            self.partition = partition
            self.offset = offset
            self.metadata = metadata
        }
    }

    /// A request to PagerDuty that was answered with 202.
    public struct Notification: Codable, Hashable, Sendable {
        public var dedupKey: String
        public var action: String

        public init(dedupKey: String, action: String) {
            self.dedupKey = dedupKey
            self.action = action
        }
    }

    public let name: String

    public init(_ name: String) { self.name = name }

    /// Where recordings lie, with the settings and the resources that they were made with.
    public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Recorded").path

    public static let settings = "\(folder)/settings.yaml"

    /// Those that there are.
    public static let all: [Recording] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/records.ndjson.gz") }.sorted()
            .map(Recording.init)
    }()

    public static let registers = "tidewatch.registers"
    public static let checkpoints = "tidewatch.checkpoints"
    public static let windows = "tidewatch.windows"
    public static let alerts = "tidewatch.alerts"

    /// Topics that are state, and those that were read, by their number of partitions.
    public static let state = [registers: 3, checkpoints: 3, windows: 2, alerts: 2]
    public static let inputs = ["cloudtrail": 2, "vpc-flow": 2, "metrics": 2]
    public static let groups = ["upgrade", "upgrade-evaluators", "upgrade-pagerduty"]

    public var path: String { "\(Recording.folder)/\(name)" }

    /// In the order of topic, partition and offset; offsets of each partition begin at 0 and have no gaps.
    public func records() throws -> [Record] {
        try lines(Recording.unpacked("\(path)/records.ndjson.gz"))
    }

    public func commits() throws -> [Commit] { try lines(data("commits.ndjson")) }
    public func notifications() throws -> [Notification] { try lines(data("notifications.ndjson")) }
    /// `slo report --format json`.
    public func report() throws -> Data { try data("report.json") }
    /// `alerts list --all --format json`, an alert a line.
    public func alerts() throws -> Data { try data("alerts.ndjson") }

    public func write(
        _ records: [Record], _ commits: [Commit], _ notifications: [Notification], report: String, alerts: String,
        version: String
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        try write(Recording.ndjson(records), to: "records.ndjson")
        _ = try Recording.output(["gzip", "-n9f", "\(path)/records.ndjson"])
        try write(Recording.ndjson(commits), to: "commits.ndjson")
        try write(Recording.ndjson(notifications), to: "notifications.ndjson")
        try write(Data(report.utf8), to: "report.json")
        try write(Data(alerts.utf8), to: "alerts.ndjson")
        try write(Data(version.utf8), to: "version.txt")
    }

    // MARK: Inside

    private func data(_ file: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(file)")) }

    private func write(_ data: Data, to file: String) throws {
        try data.write(to: URL(fileURLWithPath: "\(path)/\(file)"))
    }

    private func lines<Line: Decodable>(_ data: Data) throws -> [Line] {
        let decoder = JSONDecoder()
        return try data.split(separator: 0x0A).map { try decoder.decode(Line.self, from: Data($0)) }
    }

    private static func ndjson(_ lines: [some Encodable]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var data = Data()
        for line in lines { data += try encoder.encode(line) + [0x0A] }
        return data
    }

    private static func unpacked(_ path: String) throws -> Data { try output(["gzip", "-dc", path]) }

    private static func output(_ command: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.fileReadCorruptFile) }
        return data
    }
}

extension Recording: CustomStringConvertible {
    public var description: String { name }
}
