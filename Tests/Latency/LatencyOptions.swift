import Foundation

/// What a run is told.
struct LatencyOptions {
    struct Problem: Error, CustomStringConvertible {
        let description: String
    }

    enum Broker: String {
        /// librdkafka's mock, by `tidewatch broker`.
        case embedded
        /// tansu, by `scripts/second-broker`.
        case second
    }

    let binary: URL
    let repository: URL
    let alerts: Int
    let brokers: [Broker]
    let seed: UInt64
    let limit: Duration

    init(environment: [String: String]) throws(Problem) {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("tidewatch").path
        binary = URL(fileURLWithPath: environment["TIDEWATCH_BINARY"] ?? beside)
        repository = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        guard FileManager.default.isExecutableFile(atPath: binary.path) else {
            throw Problem(description: "there is no program at \(binary.path); build it, or set TIDEWATCH_BINARY")
        }
        func number(_ name: String, _ otherwise: Int) throws(Problem) -> Int {
            guard let text = environment[name] else { return otherwise }
            guard let value = Int(text), value > 0 else {
                throw Problem(description: "\(name)=\(text) is no number above 0")
            }
            return value
        }
        alerts = try number("LATENCY_ALERTS", 1_000)
        seed = UInt64(try number("LATENCY_SEED", 1))
        limit = .milliseconds(try number("LATENCY_LIMIT_MS", 1_000))
        var brokers: [Broker] = []
        for name in (environment["LATENCY_BROKERS"] ?? "second embedded").split(separator: " ") {
            guard let broker = Broker(rawValue: String(name)) else {
                throw Problem(description: "LATENCY_BROKERS names \(name), and knows `second` and `embedded`")
            }
            brokers.append(broker)
        }
        self.brokers = brokers
    }
}
