import Foundation
import Settings
import Sinks
import Testing

/// What ships under `deploy/examples` must load as it is.
@Suite struct ShippedExamplesTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("deploy/examples").path

    @Test func theExampleSettingsAndTheirResourcesLoad() throws {
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(
            file: "\(ShippedExamplesTests.folder)/settings.yaml",
            environment: ["KAFKA_BOOTSTRAP_SERVERS": "broker-1:9092,broker-2:9092"])
        #expect(loaded.problems.besidesPlainBrokers.isEmpty, "\(loaded.problems)")
        let settings = try #require(loaded.settings)
        #expect(settings.kafka.bootstrapServers == ["broker-1:9092", "broker-2:9092"])
        #expect(settings.inputs.map(\.topic) == ["aws.cloudtrail", "aws.vpc-flow", "aws.metrics"])
        let resources = try #require(loaded.resources)
        #expect(
            resources.objectives.map(\.name) == [
                "checkout-us-east-1a", "checkout-us-east-1b", "checkout-us-east-1c", "checkout-latency", "api-success",
                "ingress-accepted",
            ])
        #expect(resources.rollups.map(\.name) == ["console-sign-ins", "destination-ports"])
        #expect(resources.monitors.map(\.name) == ["failed-console-sign-ins", "port-scan"])
        #expect(resources.monitors.map { $0.alert?.summary.prefix(8) } == ["failed c", "port sca"])
        #expect(resources.services.map(\.name) == ["checkout", "aws-api", "ingress"])
    }

    @Test func theExamplesPassTheCheckAsAFolder() {
        #expect(
            SettingsLoader(sinks: SinkKinds.all).check(
                paths: [ShippedExamplesTests.folder], environment: ["KAFKA_BOOTSTRAP_SERVERS": "a:9092"]
            ).besidesPlainBrokers.isEmpty)
    }
}
