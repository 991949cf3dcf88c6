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
            generator's own ledger, and each incident must give one page, and nothing else any; otherwise the exit \
            status is 1.

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

    func run() async throws {
        let began = ContinuousClock.now
        let estate = DemoEstate.make(seed: seed, endingBefore: .now())
        tell(estate)
        let broker = try await BrokerProcess.start(topics: EventKind.allCases.map { "\($0.generatedTopic):4" })
        defer { broker.stop() }
        say("It goes through a broker on \(broker.address) and the consumer. What the consumer says, when it says it:")
        Console.print("")

        let end = estate.settings.start.advanced(by: Int64(estate.settings.minutes) * 60 * 1_000_000_000)
        let progress = DemoProgress(expectedEnd: end)
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
        let report = SLOReport(ledgers: history.ledgers)
        say("What the hour has cost, from the topic tidewatch.windows:")
        Console.print("")
        Console.write(Array(report.overview(width: width, isColoured: Console.usesColour).utf8))
        Console.print("")
        try conclude(DemoOutcome(ledger: ledger, alerts: progress.alerts, report: report), began: began)
    }

    /// Of a terminal that says how wide it is; else of most.
    private var width: Int { Console.outputColumns ?? 80 }

    private func say(_ text: String) {
        for line in WrappedText.lines(text, width: width, indent: "") { Console.print(line) }
    }

    private func tell(_ estate: SyntheticEstate) {
        say("An hour of a made-up AWS estate, from \(estate.settings.start), in which three things go wrong:")
        Console.print("")
        for incident in estate.ledger.incidents {
            let text = "\(incident.start)  \(incident.incident.title), \(incident.target)"
            for line in WrappedText.lines(text, width: width - 2) { Console.print("  " + line) }
        }
        Console.print("")
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
                onAlert: { [width] transition in
                    let notice = transition.notice(width: width, isColoured: Console.usesColour)
                    Console.print(rendered: notice.joined(separator: "\n") + "\n")
                    progress.add(transition)
                }, onClosed: { progress.close($0) }))
    }

    private func conclude(_ outcome: DemoOutcome, began: ContinuousClock.Instant) throws {
        for line in outcome.table { Console.print(line) }
        Console.print("")
        let took = began.duration(to: .now).components.seconds
        guard outcome.differences.isEmpty else {
            throw CommandFailure(.failed, "the demo did not add up: " + outcome.differences.joined(separator: "; "))
        }
        say(
            "Good and total of all \(outcome.objectivesCount) SLOs equal the generator's ledger, to the unit. \(took) seconds."
        )
        say("Next: the README's \"A first SLO\", or tidewatch --help.")
    }
}
