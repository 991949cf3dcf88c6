import ArgumentParser
import Foundation
import HTTPService
import Logging
import Pipeline
import ServiceLifecycle
import Settings

/// `tidewatch run`: the consumer.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Consume from Kafka; publish windows, alerts and audit records, until SIGTERM.",
        discussion: """
            Serves /healthz and /readyz on port 8080 and Prometheus' /metrics on 9090. On SIGTERM it drains what it has \
            read, publishes it, commits, and leaves the group.

            Example: tidewatch run --config settings.yaml
            """)

    @Option(help: ArgumentHelp("The settings.", valueName: "file"))
    var config: String

    func run() async throws {
        let (settings, resources) = try loadSettings(config)
        let logger = LogSetup.logger(settings.logging)
        if resources.isEmpty { logger.warning("there are no resources: events are decoded, and nothing is counted") }
        let plan = try PipelinePlan(resources: resources, outputs: [.windows, .alerts, .audit, .deadletter, .report])
        let metrics = MetricsRegistry()
        let readiness = Readiness()
        let pipeline = ConsumerPipeline(
            settings: settings, plan: plan, metrics: metrics, readiness: readiness, logger: logger)
        var services: [ServiceGroupConfiguration.ServiceConfiguration] = [
            .init(
                service: ObservabilityServer.health(
                    host: settings.http.host, port: settings.http.healthPort, readiness: readiness, logger: logger)),
            .init(
                service: ObservabilityServer.metrics(
                    host: settings.http.host, port: settings.http.metricsPort, registry: metrics, logger: logger)),
        ]
        if let pagerDuty = settings.pagerDuty {
            services.append(
                .init(
                    service: try PagerDutyNotifier(
                        settings: settings, pagerDuty: pagerDuty, metrics: metrics, logger: logger)))
        }
        services.append(
            .init(
                service: ConsumerService(pipeline: pipeline), successTerminationBehavior: .gracefullyShutdownGroup,
                failureTerminationBehavior: .cancelGroup))
        let group = ServiceGroup(
            configuration: .init(
                services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: LogSetup.quiet(logger)))
        do {
            try await group.run()
        } catch {
            logger.error("stopped because it could not go on", metadata: ["error": "\(error)"])
            throw CommandFailure(.failed, "tidewatch run: \(error)")
        }
    }
}
