import Foundation
import KafkaClient
import Testing

/// `tidewatch broker` in a process of its own, which ends with this object or with the tests.
final class Broker {
    let address: String
    private let process: Process
    private let input = Pipe()

    init(topics: [String]) throws {
        process = try Tidewatch.prepared(
            ["broker", "--until-input-ends"] + topics.flatMap { ["--topic", $0] })
        let output = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // The address is printed once it listens; the end of the pipe means that it did not start.
        address = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
            .trimmingCharacters(in: .newlines)
        try #require(!address.isEmpty)
    }

    deinit {
        process.terminate()
        process.waitUntilExit()
    }

    var settings: KafkaSettings { KafkaSettings(bootstrapServers: [address]) }

    struct Record {
        let topic: String
        let key: String
        let headers: [String: String]
        let value: Data

        func json() throws -> JSON { try JSON(parsing: value) }
    }

    /// All records of a topic, those of each partition in order.
    func records(_ topic: String) throws -> [Record] {
        let reader = try KafkaTopicReader(settings: settings, topics: [topic], timeout: patience)
        var records: [Record] = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(100)) { _, message in
                var headers: [String: String] = [:]
                for header in message.headers {
                    headers[header.name] = String(decoding: header.value ?? [], as: UTF8.self)
                }
                records.append(
                    Record(
                        topic: topic, key: String(decoding: message.key.bytes, as: UTF8.self), headers: headers,
                        value: Data(message.value.bytes)))
            }
        }
        return records
    }

    func send(_ values: [String], to topic: String) throws {
        let producer = try KafkaProducer(settings: settings)
        for value in values { try producer.send(topic: topic, key: nil, value: Array(value.utf8)) }
        #expect(producer.close(timeout: patience) == .delivered)
    }
}

extension RawSpan {
    var bytes: [UInt8] { (0..<byteCount).map { unsafeLoad(fromByteOffset: $0, as: UInt8.self) } }
}
