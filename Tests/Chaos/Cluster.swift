import Foundation
import KafkaClient

/// Where the run takes place: an embedded broker in a process of its own, or a cluster that is there already.
final class Cluster {
    let bootstrap: String
    let isEmbedded: Bool
    private let process: Process?
    // Held open: the embedded broker ends with it, so that it never outlives this process.
    private let input = Pipe()

    init(_ options: ChaosOptions, topics: Topics) throws {
        isEmbedded = options.bootstrap == nil
        if let bootstrap = options.bootstrap {
            self.bootstrap = bootstrap
            process = nil
            _ = try KafkaAdmin(settings: settings).createMissing(topics.all, timeout: .seconds(60))
            return
        }
        let process = Process()
        process.executableURL = options.binary
        process.arguments =
            ["broker", "--until-input-ends"]
            + topics.all.flatMap { ["--topic", "\($0.name):\($0.partitions)"] }
        process.standardInput = input
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // The address is printed once it listens; the end of the pipe means that it did not start.
        bootstrap = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        self.process = process
        if bootstrap.isEmpty { throw ChaosOptions.Problem(description: "the embedded broker did not start") }
    }

    deinit {
        process?.terminate()
        process?.waitUntilExit()
    }

    /// - Throws: where the embedded broker has ended.
    func check() throws {
        if let process, !process.isRunning {
            throw ChaosOptions.Problem(description: "the embedded broker ended with \(process.terminationStatus)")
        }
    }

    var settings: KafkaSettings {
        KafkaSettings(bootstrapServers: bootstrap.split(separator: ",").map(String.init))
    }

    struct Record {
        let partition: TopicPartition
        let offset: Int64
        let key: [UInt8]
        let value: Data
        /// Of the evaluator that wrote it; 0 where none is said.
        let epoch: Int64
        /// An open alert that was past, and is published again because event time has caught up.
        let isSaidAgain: Bool

        func json() throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: value) as? [String: Any] else {
                throw ChaosOptions.Problem(description: "\(partition)@\(offset) is no JSON object")
            }
            return object
        }
    }

    /// All records of a topic, those of each partition in order.
    func records(_ topic: String) throws -> [Record] {
        let reader = try KafkaTopicReader(settings: settings, topics: [topic], timeout: .seconds(30))
        var records: [Record] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { partition, message in
                records.append(
                    Record(
                        partition: partition, offset: message.offset, key: message.key.withUnsafeBytes(Array.init),
                        value: message.value.withUnsafeBytes { Data($0) },
                        epoch: message.lastHeader("tidewatch_epoch")
                            .flatMap { Int64(String(decoding: $0, as: UTF8.self)) } ?? 0,
                        isSaidAgain: message.lastHeader("tidewatch_open_at") != nil))
            }
        }
        return records
    }
}
