import Foundation
import KafkaClient
import Logging
import Observability
import Synchronization

/// Says for all Kafka clients of a process, together, which broker is not reached and why: each client meets the same
/// fault, some twice, and says so many times a second.
public final class BrokerLog: Sendable {
    private struct State {
        var journal = FaultJournal()
        /// What is wrong with each broker now, and when that was last seen: seconds since 1970, as in statistics.
        var causes: [String: (text: String, seenAtSeconds: Int64)] = [:]
        var silence = SilentBrokers()
        var clients = 0
    }

    private let logger: Logger
    private let state = Mutex(State())

    public init(logger: Logger) {
        self.logger = logger
    }

    /// Which brokers are not reached, and why; nil where all are.
    public var trouble: String? {
        let causes = state.withLock { $0.causes.mapValues(\.text) }
        if causes.isEmpty { return nil }
        return causes.sorted { $0.key < $1.key }.prefix(3).map { "\($0.key): \($0.value)" }.joined(separator: "; ")
    }

    /// Which brokers take requests and do not answer, and for how long; nil where all answer.
    package var silence: String? {
        let silent = state.withLock { $0.silence.silent }
        if silent.isEmpty { return nil }
        return silent.sorted { $0.key < $1.key }.prefix(3)
            .map { "\($0.key): no answer for \($0.value.duration(to: .now).components.seconds) s" }
            .joined(separator: "; ")
    }

    /// The observer of one more client.
    public func observer(
        statistics: @escaping @Sendable (KafkaStatistics) -> Void = { _ in }
    ) -> KafkaObserver {
        let client = state.withLock { state in
            state.clients += 1
            return state.clients
        }
        return KafkaObserver(
            log: { self.note($0) }, fault: { self.note($0) },
            statistics: { taken in
                self.note(taken)
                self.noteSilence(taken, of: client)
                statistics(taken)
            })
    }

    /// An error that a client reports beside its log, where every fault of a connection stands already.
    package func note(_ error: KafkaError) {
        let isSaid = [.transport, .allBrokersDown, .authentication, .tls, .resolution].contains(error.code)
        if isSaid, !error.isFatal { return }
        logger.warning("kafka", metadata: ["error": "\(error)"])
    }

    private func note(_ fault: ConnectionFault) {
        // Brokers close idle connections, and a broker that went away refuses the next one.
        // A group's coordinator is one of the brokers, and has its line by its address.
        if fault.kind == .closed || !fault.broker.contains(":") {
            logger.debug("a connection ended", metadata: ["broker": "\(fault.broker)", "cause": "\(fault.text)"])
            return
        }
        let line = state.withLock { state in
            state.causes[fault.broker] = (fault.text, Int64(Date().timeIntervalSince1970))
            return state.journal.failed(fault.broker, at: .now)
        }
        var metadata: Logger.Metadata = ["broker": "\(fault.broker)", "cause": "\(fault.text)"]
        // Somebody has to act where waiting can't mend it.
        let level: Logger.Level = fault.isDefinite ? .error : .warning
        switch line {
        case nil: return
        case .begins: logger.log(level: level, "a broker is not reached", metadata: metadata)
        case .goesOn(let duration, _):
            metadata["seconds"] = .seconds(duration)
            logger.log(level: level, "a broker is still not reached", metadata: metadata)
        }
    }

    /// librdkafka says that a broker is there only in its statistics. Those of the second in which a fault was seen may be
    /// from before it.
    private func note(_ statistics: KafkaStatistics) {
        let up = statistics.brokers.filter { $0.state == "UP" }.compactMap(\.address)
        let over = state.withLock { state in
            up.compactMap { broker -> (String, Duration)? in
                guard let cause = state.causes[broker], statistics.takenAtSeconds > cause.seenAtSeconds else {
                    return nil
                }
                state.causes[broker] = nil
                return state.journal.recovered(broker, at: .now).map { (broker, $0) }
            }
        }
        for (broker, duration) in over {
            logger.notice("a broker answers again", metadata: ["broker": "\(broker)", "seconds": .seconds(duration)])
        }
    }

    private func noteSilence(_ statistics: KafkaStatistics, of client: Int) {
        let change = state.withLock { $0.silence.note(statistics.brokers, of: client, at: .now) }
        for broker in change.began {
            logger.warning("a broker takes requests and does not answer", metadata: ["broker": "\(broker)"])
        }
        for (broker, duration) in change.ended {
            logger.notice(
                "a broker does not keep requests waiting any more",
                metadata: ["broker": "\(broker)", "seconds": .seconds(duration)])
        }
    }

    /// Anything else that librdkafka logs.
    private func note(_ line: KafkaLogLine) {
        // Options are given to all clients, whichever of them an option is for.
        let isOfAnother = line.facility == "CONFWARN" && line.message.contains("will be ignored by this")
        // A producer that asks for its identity again because the connection broke, which is said by itself.
        let isRetried = line.facility == "GETPID" && line.message.hasSuffix("retrying")
        let level: Logger.Level =
            isOfAnother || isRetried ? .debug : line.level <= 4 ? .warning : line.level <= 6 ? .info : .debug
        logger.log(level: level, "librdkafka", metadata: ["facility": "\(line.facility)", "text": "\(line.message)"])
    }
}
