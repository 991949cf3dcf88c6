import ArgumentParser
import Consumer
import Delivery
import Foundation
import HTTPService
import KafkaClient
import Logging
import Observability
import Planning
import Records
import ServiceLifecycle
import Settings
import TelemetryModel

/// `tidewatch run`: the consumer.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Consume from Kafka; publish windows, alerts and audit records, until SIGTERM.",
        discussion: """
            By default one process counts source partitions and evaluates objectives. With --role count or --role \
            evaluate it does one of them: any number of processes of either role share the work.

            Serves /healthz and /readyz on port 8080 and Prometheus' /metrics on 9090. On SIGTERM it drains what it has \
            read, publishes it, commits, and leaves the group.

            Example: tidewatch run --config settings.yaml
            """)

    @Option(help: ArgumentHelp("The settings.", valueName: "file"), completion: .file(extensions: ["yaml", "yml"]))
    var config: String

    @Option(help: "What this process does; without it both.")
    var role: PipelineRole?

    @OptionGroup var skipping: SkipOption

    func run() async throws {
        let (settings, resources) = try loadSettings(config)
        let logger = LogSetup.logger(settings.logging)
        for warning in settings.warnings { logger.warning("settings", metadata: ["text": "\(warning)"]) }
        if resources.isEmpty { logger.warning("there are no resources: events are decoded, and nothing is counted") }
        let provenance = Provenance.thisBuild(settings: settings, resources: resources)
        logger.notice(
            "tidewatch starts",
            metadata: Logger.Metadata(
                uniqueKeysWithValues: (provenance.buildLabels + provenance.configurationLabels).map { ($0, "\($1)") }))
        let plan = try PipelinePlan(
            resources: resources, outputs: [.rollups, .windows, .alerts, .audit, .deadletter, .report],
            removesDuplicates: settings.aggregation.deduplicationRecords > 0,
            audit: settings.audit, provenance: provenance)
        let skips = try skipping.places(in: OutputTopics(prefix: settings.outputs.prefix))
        let metrics = MetricsRegistry()
        metrics.set(.buildInfo, provenance.buildLabels, to: 1)
        metrics.set(.configurationInfo, provenance.configurationLabels, to: 1)
        ProcessMetrics.begin()
        metrics.collect(from: ProcessMetrics.samples)
        let readiness = Readiness()
        let pipeline = ConsumerPipeline(
            .init(
                settings: settings, plan: plan, roles: role.map { [$0] } ?? Set(PipelineRole.allCases), skips: skips),
            telemetry: PipelineTelemetry(metrics: metrics, readiness: readiness, logger: logger))
        let identity = try ServerIdentity(settings)
        let health = ObservabilityServer.health(
            on: .init(settings, settings.http.healthPort, identity), readiness: readiness, metrics: metrics,
            logger: logger)
        let scrape = ObservabilityServer.metrics(
            on: .init(settings, settings.http.metricsPort, identity), registry: metrics, logger: logger)
        let watch = FileWatchService(settings, identity: identity, metrics: metrics, logger: logger)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(service: health, failureTerminationBehavior: .gracefullyShutdownGroup),
            .init(service: scrape, failureTerminationBehavior: .gracefullyShutdownGroup),
            .init(service: watch, successTerminationBehavior: .ignore, failureTerminationBehavior: .ignore),
        ]
        // Alerts come from evaluators, and so do notifications.
        for sink in settings.sinks where role != .count {
            services.append(
                .init(
                    service: try SinkService(
                        sink, of: settings, metrics: metrics, brokers: pipeline.brokers, skips: skips, logger: logger),
                    failureTerminationBehavior: .gracefullyShutdownGroup))
        }
        services.append(
            .init(
                // Who can't have the ports must not join the group: partitions would move for nothing.
                service: ConsumerService(pipeline: pipeline) {
                    try await health.awaitListening()
                    try await scrape.awaitListening()
                }, successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .gracefullyShutdownGroup))
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: LogSetup.quiet(logger)))
        do {
            try await group.run()
        } catch {
            // A server that can't listen has said so; everything else is said once, in the log's own form.
            if logger.logLevel > .error {
                throw CommandFailure(.failed, "tidewatch run: \(error)")
            }
            // A service that was waiting for a server which can't listen may end first: the server has said why.
            if !(error is ListenFailure || error is CancellationError) {
                logger.error("stopped because it could not go on", metadata: ["error": "\(error)"])
            }
            throw CommandFailure.said(error is KafkaOptionError ? .misused : .failed)
        }
    }
}

extension PipelineRole: ExpressibleByArgument {}
