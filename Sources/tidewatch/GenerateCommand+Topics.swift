import Foundation
import KafkaClient
import SyntheticEstate
import TelemetryModel

/// Kafka topics, one for each kind of record; flow-log lines of one interface and minute share a message, as they do in
/// real deliveries.
final class TopicSink: RecordSink {
    private let producer: KafkaProducer
    private let prefix: String
    private let rate: Int
    private let began = ContinuousClock.now
    private var sent = 0

    /// How long a broker may take to come up.
    private static let brokerPatience = Duration.seconds(60)

    /// Waits for a broker.
    ///
    /// - Parameter rate: messages for each second at most; 0 is as fast as can be.
    init(bootstrap: String, prefix: String, rate: Int) throws {
        do {
            producer = try KafkaProducer(
                settings: KafkaSettings(
                    bootstrapServers: bootstrap.split(separator: ",").map(String.init),
                    // What collects and forwards telemetry sends it in batches, too.
                    options: ["linger.ms": "100"]))
        } catch {
            throw CommandFailure(.misused, "\(error)")
        }
        self.prefix = prefix
        self.rate = rate
        try awaitBroker(at: bootstrap)
    }

    /// librdkafka takes messages for a broker that is not there; so that a wrong address shows at once and not when all
    /// is generated, nothing is sent before a broker has answered.
    private func awaitBroker(at bootstrap: String) throws {
        let deadline = ContinuousClock.now + Self.brokerPatience
        var hasWarned = false
        while true {
            do throws(KafkaError) {
                _ = try producer.partitionCount(of: prefix + EventKind.cloudTrail.generatedTopic, timeout: .seconds(3))
                return
            } catch {
                let said = "no broker answers"
                let trouble =
                    error.message.hasPrefix(said) ? error.message : "\(said) at \(bootstrap): \(error.message)"
                guard ContinuousClock.now < deadline, !error.isDefinite else {
                    throw CommandFailure(.failed, "\(trouble); start one, or correct --bootstrap")
                }
                if !hasWarned {
                    Console.error(
                        "\(trouble.replacing(said, with: said + " yet", maxReplacements: 1)); trying for "
                            + "\(Self.brokerPatience.components.seconds) s")
                }
                hasWarned = true
                // Some failures come at once.
                Thread.sleep(forTimeInterval: 0.2)
            }
        }
    }

    func send(_ records: [GeneratedRecord]) throws {
        var flowLines: [String: [UInt8]] = [:]
        var flowOrder: [String] = []
        for record in records {
            if record.kind == .vpcFlow {
                if flowLines[record.key] == nil { flowOrder.append(record.key) }
                flowLines[record.key, default: []] += record.bytes + [0x0A]
            } else {
                try send(record.bytes, kind: record.kind, key: record.key)
            }
        }
        for key in flowOrder { try send(flowLines[key] ?? [], kind: .vpcFlow, key: key) }
    }

    func finish() throws {
        switch producer.close(timeout: .seconds(60)) {
        case .delivered: return
        case .failed(let failures):
            throw CommandFailure(.failed, "\(failures.count) messages were not delivered, the first: \(failures[0])")
        case .pending:
            throw CommandFailure(.failed, "some messages were not acknowledged within 60 s")
        }
    }

    private func send(_ bytes: [UInt8], kind: EventKind, key: String) throws {
        do {
            try producer.send(topic: prefix + kind.generatedTopic, key: Array(key.utf8), value: bytes)
        } catch {
            throw CommandFailure(.failed, "\(error)")
        }
        sent += 1
        guard rate > 0 else { return }
        let due = began + .seconds(Double(sent) / Double(rate))
        let wait = ContinuousClock.now.duration(to: due).asSeconds
        if wait > 0.005 { Thread.sleep(forTimeInterval: wait) }
    }
}
