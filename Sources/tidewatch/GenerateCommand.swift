import ArgumentParser
import Files
import Foundation
import KafkaClient
import Settings
import SyntheticEstate
import TelemetryModel

/// `tidewatch generate`: a synthetic estate's telemetry.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Make seeded synthetic CloudTrail, flow logs and metrics, with incidents on request.",
        discussion: """
            Equal options give equal bytes. The ledger says what really happened: the good and total of each of the \
            demo's SLOs, and the incidents.

            Example: tidewatch generate --out /tmp/estate --minutes 60 --incident zone-outage --ledger /tmp/ledger.json
            """)

    @Option(parsing: .unconditional, help: "The random seed, from 0.")
    var seed: UInt64 = 1

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The first event's time; default 2026-01-15T09:00:00Z.", valueName: "time"),
        transform: Timestamp.argument)
    var start: Timestamp = Timestamp(rfc3339: "2026-01-15T09:00:00Z")!

    @Option(parsing: .unconditional, help: "Event time to cover, in minutes.")
    var minutes = 60

    @Option(parsing: .unconditional, help: "CloudTrail records for each minute.")
    var cloudtrailPerMinute = 200

    @Option(parsing: .unconditional, help: "Flow-log lines for each minute.")
    var flowLogsPerMinute = 1500

    @Option(parsing: .unconditional, help: "Instances that report metrics.")
    var instances = 12

    @Option(
        help: ArgumentHelp(
            "An incident: \(Incident.allCases.map(\.rawValue).joined(separator: ", ")), or all.", valueName: "name"),
        completion: .list(Incident.allCases.map(\.rawValue) + ["all"]))
    var incident: [String] = []

    @Option(help: ArgumentHelp("Leave out all kinds but this; may be given again.", valueName: "kind"))
    var kind: [GeneratedKind] = []

    @Option(parsing: .unconditional, help: "Share of CloudTrail records that are delivered twice, 0 to 1.")
    var duplicates = 0.0

    @Option(parsing: .unconditional, help: "Share of events that come up to --late-minutes after their time, 0 to 1.")
    var late = 0.0

    @Option(parsing: .unconditional, help: "The longest delay of a late event, in minutes.")
    var lateMinutes = 20

    @Option(
        help: ArgumentHelp("Write cloudtrail.jsonl, vpc-flow.log and metrics.jsonl here.", valueName: "dir"),
        completion: .directory)
    var out: String?

    @Option(
        help: ArgumentHelp("Send to these Kafka brokers, topics cloudtrail, vpc-flow, metrics.", valueName: "host:port")
    )
    var bootstrap: String?

    @Option(help: "A prefix for the Kafka topics' names.")
    var topicPrefix = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Kafka messages for each second at most; 0 is as fast as can be.", valueName: "n"))
    var rate = 0

    @Option(help: ArgumentHelp("Write what really happened here, as JSON.", valueName: "file"), completion: .file())
    var ledger: String?

    func validate() throws {
        if out == nil, bootstrap == nil {
            throw ValidationError("say where to: --out DIR for files, or --bootstrap HOST:PORT for Kafka")
        }
        guard minutes > 0, minutes <= 60 * 24 * 366 else { throw ValidationError("--minutes must be from 1 to 527040") }
        for (name, share) in [("--duplicates", duplicates), ("--late", late)] where !(0...1).contains(share) {
            throw ValidationError("\(name) must be from 0 to 1")
        }
        for (name, count) in [
            ("--cloudtrail-per-minute", cloudtrailPerMinute), ("--flow-logs-per-minute", flowLogsPerMinute),
            ("--instances", instances), ("--rate", rate), ("--late-minutes", lateMinutes),
        ] where count < 0 || count > 100_000_000 {
            throw ValidationError("\(name) must be from 0 to 100000000")
        }
        for name in incident where name != "all" && Incident(rawValue: name) == nil {
            throw ValidationError(
                "no incident is called '\(name)'; there are \(Incident.allCases.map(\.rawValue).joined(separator: ", ")), and all"
            )
        }
    }

    private var settings: EstateSettings {
        var settings = EstateSettings(start: start)
        settings.seed = seed
        settings.minutes = minutes
        settings.cloudTrailPerMinute = cloudtrailPerMinute
        settings.flowLogsPerMinute = flowLogsPerMinute
        settings.instances = instances
        settings.duplicateShare = duplicates
        settings.lateShare = late
        settings.lateMinutesMax = lateMinutes
        settings.incidents =
            incident.contains("all") ? Incident.allCases : incident.compactMap(Incident.init(rawValue:))
        if !kind.isEmpty { settings.kinds = Set(kind.map(\.events)) }
        return settings
    }

    func run() async throws {
        var estate = SyntheticEstate(settings: settings)
        var sinks: [any RecordSink] = []
        if let out { sinks.append(try FolderSink(folder: out, kinds: settings.kinds)) }
        if let bootstrap { sinks.append(try TopicSink(bootstrap: bootstrap, prefix: topicPrefix, rate: rate)) }
        var progress = ProgressLine("generate")
        var records = 0
        while let delivered = estate.nextMinute() {
            for sink in sinks { try sink.send(delivered) }
            records += delivered.count
            progress.update("\(estate.deliveredMinutes) of \(minutes) minutes, \(records) records")
        }
        for sink in sinks { try sink.finish() }
        progress.finish()
        if let ledger {
            let file = try FileWriter(path: ledger)
            try file.writeLine(estate.ledger.json.utf8)
            try file.close()
        }
        let names = settings.kinds.map(\.generatedFileName).sorted().joined(separator: ", ")
        Console.error("generated \(records) records\(out.map { " in \($0): \(names)" } ?? "")")
    }
}

/// Where generated records go.
protocol RecordSink {
    /// Takes what was delivered in one minute, in order.
    func send(_ records: [GeneratedRecord]) throws
    /// Returns when everything sent is written, or acknowledged.
    func finish() throws
}
