import Foundation
import KafkaClient

/// A broker in a process of its own, which ends with this object or with the run.
final class LatencyBroker {
    let address: String
    private let process = Process()
    private let input = Pipe()

    init(_ kind: LatencyOptions.Broker, _ options: LatencyOptions) throws {
        var topics = LatencyKind.allCases.map { "\($0.topic):\(LatencyPlan.partitions)" }
        switch kind {
        case .embedded:
            // It creates no topics on request.
            topics += ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints", "notifications"].map {
                "tidewatch.\($0):12"
            }
            process.executableURL = options.binary
            process.arguments = ["broker", "--until-input-ends"]
        case .second:
            process.executableURL = options.repository.appendingPathComponent("scripts/second-broker")
            process.arguments = []
        }
        process.arguments? += topics.flatMap { ["--topic", $0] }
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // The address is printed once it listens; the end of the pipe means that it did not start.
        address = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        if address.isEmpty { throw LatencyOptions.Problem(description: "the \(kind.rawValue) broker did not start") }
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    var settings: KafkaSettings { KafkaSettings(bootstrapServers: [address]) }
}
