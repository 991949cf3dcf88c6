import Alerting
import ArgumentParser
import Consumer
import Foundation
import Logging
import Objectives
import Observability
import Planning
import Records
import Reporting
import Settings
import SyntheticEstate
import TelemetryModel

/// `tidewatch demo`: the whole story in about a minute.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show everything in about a minute, with nothing to configure.",
        discussion: """
            Starts an embedded broker, plays an hour of a synthetic estate with three incidents into it, consumes it, \
            prints alerts as they fire, and reports on the SLOs. The good and total of each SLO must equal the \
            generator's own ledger; otherwise the exit status is 1.

            Example: tidewatch demo
            """)

    @Option(parsing: .unconditional, help: "The random seed of the estate.")
    var seed: UInt64 = 1

    @Option(parsing: .unconditional, help: "Seconds over which the hour is played.")
    var seconds = 20.0

    @Flag(help: "Print the consumer's log, too.")
    var verbose = false

    func validate() throws {
        guard (0...600).contains(seconds) else { throw ValidationError("--seconds must be from 0 to 600") }
    }

    private static let start = Timestamp(rfc3339: "2026-01-15T09:00:00Z")!

    private var estate: SyntheticEstate {
        var settings = EstateSettings(start: DemoCommand.start)
        settings.seed = seed
        settings.incidents = Incident.allCases
        return SyntheticEstate(settings: settings)
    }

    func run() async throws {
        let began = ContinuousClock.now
        let estate = estate
        Console.print("An hour of a synthetic estate, from \(DemoCommand.start), with three incidents in it:")
        for incident in estate.ledger.incidents {
            Console.print("  \(incident.start)  \(incident.incident.title) (\(incident.target))")
        }
        Console.print("")
        let broker = try await BrokerProcess.start(topics: EventKind.allCases.map { "\($0.generatedTopic):4" })
        defer { broker.stop() }
        Console.print("Embedded broker on \(broker.address). Alerts, as they fire:")

        let progress = DemoProgress(expectedEnd: DemoCommand.start.advanced(by: 3600 * 1_000_000_000))
        let settings = DemoSettings.make(bootstrap: broker.address)
        let pipeline = try makePipeline(settings, progress)
        async let consumed: Void = onOwnThread {
            // However it ends: without this a consumer that failed would leave the demo waiting.
            defer { progress.giveUp() }
            try pipeline.run()
        }
        let (seconds, address) = (seconds, broker.address)
        let ledger = try await onOwnThread {
            try DemoPlayer(address: address, estate: estate, seconds: seconds).play()
        }
        await progress.allClosed()
        pipeline.stop()
        try await consumed

        let feed = FeedReader(
            kafka: settings.kafka.clientSettings, topics: OutputTopics(prefix: settings.outputs.prefix))
        let history = try await onOwnThread { try feed.windows() }
        var report = SLOReport(ledgers: history.ledgers)
        report.provenance = .thisBuild()
        Console.print("")
        Console.print("The SLO report, from the topic tidewatch.windows:")
        Console.print("")
        Console.write(report.rendered(as: .table))
        try check(report, progress.alerts, against: ledger, began: began)
    }

    private func makePipeline(_ settings: RunSettings, _ progress: DemoProgress) throws -> ConsumerPipeline {
        let (resources, problems) = ResourceLoader.load(
            text: String(decoding: PackageResources.estate_yaml, as: UTF8.self), file: "demo/estate.yaml")
        try refuse(problems)
        var logging = settings.logging
        if !verbose { logging.level = .error }
        return ConsumerPipeline(
            .init(
                settings: settings,
                plan: try PipelinePlan(
                    resources: resources, outputs: [.windows, .alerts, .audit, .deadletter],
                    provenance: .thisBuild())),
            telemetry: PipelineTelemetry(
                metrics: MetricsRegistry(), readiness: Readiness(), logger: LogSetup.logger(logging)),
            hooks: PipelineHooks(
                onAlert: { transition in
                    Console.print(rendered: "  " + transition.line(isColoured: Console.usesColour))
                    progress.add(transition)
                }, onClosed: { progress.close($0) }))
    }

    /// Compares what was reported with what the generator knows.
    private func check(
        _ report: SLOReport, _ alerts: [AlertTransition], against ledger: EstateTotals, began: ContinuousClock.Instant
    ) throws {
        var differences: [String] = []
        for (name, count) in ledger.objectives.sorted(by: { $0.key < $1.key }) {
            guard let entry = report.entries.first(where: { $0.terms.name == name }) else {
                differences.append("\(name): not in the report")
                continue
            }
            if entry.good != Int128(count.good) || entry.total != Int128(count.total) {
                differences.append(
                    "\(name): reported \(entry.good) of \(entry.total), the ledger has \(count.good) of \(count.total)")
            }
        }
        Console.print("")
        for incident in ledger.incidents {
            let named = alerts.filter { $0.alert.status == .open && $0.alert.summary.contains(incident.target) }
            Console.print(
                "  \(incident.incident.title) (\(incident.target)): named by \(named.count) \(named.count == 1 ? "alert" : "alerts")"
            )
            if named.isEmpty { differences.append("\(incident.incident.title): no alert names \(incident.target)") }
        }
        let took = began.duration(to: .now).components.seconds
        guard differences.isEmpty else {
            throw CommandFailure(.failed, "the demo did not add up: " + differences.joined(separator: "; "))
        }
        Console.print("")
        Console.print(
            "Good and total of all \(ledger.objectives.count) SLOs equal the generator's ledger, to the unit. "
                + "\(took) seconds.")
    }
}

extension Incident {
    fileprivate var title: String {
        switch self {
        case .zoneOutage: "targets of an Availability Zone fail"
        case .portScan: "port scan of a network interface"
        case .failedSignIns: "burst of failed console sign-ins"
        }
    }
}
