import Foundation
import KafkaClient
import Settings

/// Loads settings and the resources that they name; prints every problem and ends with status 2 if there is one.
func loadSettings(_ file: String) throws -> (RunSettings, ResourceSet) {
    let (settings, resources, problems) = SettingsLoader.load(
        file: file, environment: ProcessInfo.processInfo.environment, checkKafkaOption: kafkaOptionProblem)
    try refuse(problems)
    guard let settings else { throw CommandFailure(.misused, "\(file): there are no settings") }
    return (settings, resources ?? ResourceSet())
}

/// What librdkafka has against an option; `nil` when it takes it.
func kafkaOptionProblem(_ name: String, _ value: String) -> String? {
    KafkaClient.KafkaSettings(bootstrapServers: ["localhost:9092"], options: [name: value]).problems().first?.reason
}
