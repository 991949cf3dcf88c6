import Decoding
import Settings

/// The consumer's settings in the demo.
enum DemoSettings {
    static func make(bootstrap: String) -> RunSettings {
        var kafka = KafkaSettings(bootstrapServers: bootstrap.split(separator: ",").map(String.init))
        kafka.groupID = "demo"
        // The embedded broker does not wake an idle fetch, and is slow to notice a member that left.
        kafka.options = [
            ("session.timeout.ms", "6000"), ("fetch.wait.max.ms", "20"), ("heartbeat.interval.ms", "500"),
        ].map { KafkaOption(name: $0.0, value: Secret($0.1)) }
        var inputs: [InputSettings] = []
        for (topic, format) in [
            ("cloudtrail", InputFormat.cloudTrail), ("vpc-flow", .vpcFlow), ("metrics", .metricStreamJSON),
        ] {
            var input = InputSettings(topic: topic)
            input.format = format
            inputs.append(input)
        }
        var settings = RunSettings(name: "demo", kafka: kafka, inputs: inputs)
        settings.flushIntervalNanoseconds = 500_000_000
        settings.aggregation.idleTimeoutNanoseconds = 3_000_000_000
        settings.workers.count = 2
        return settings
    }
}
