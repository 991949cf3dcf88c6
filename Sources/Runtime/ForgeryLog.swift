import KafkaClient
import Logging
import Observability
import Records
import Synchronization

/// Counts records that carry no right code, and says so: at once, then once a minute while more come, for each topic and reason.
final class ForgeryLog: Sendable {
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let journal = Mutex(FaultJournal())

    init(_ metrics: MetricsRegistry, _ logger: Logger) {
        self.metrics = metrics
        self.logger = logger
    }

    func note(_ place: TopicPlace, _ fault: MACFault) {
        metrics.add(.recordsUnauthentic, [("topic", place.topic), ("reason", fault.rawValue)])
        let line = journal.withLock { $0.failed("\(place.topic) \(fault.rawValue)", at: .now) }
        var metadata: Logger.Metadata = ["record": "\(place)", "reason": "\(fault.rawValue)"]
        switch line {
        case nil: return
        case .begins: break
        case .goesOn(_, let times): metadata["times"] = .number(times)
        }
        logger.error(
            "a record of our own topics carries no right authentication code and is passed over: somebody else writes there, or a member has another key than this one, or none",
            metadata: metadata)
    }
}

extension MetricsRegistry {
    /// Makes the counters begin at 0.
    package func beginForgeries(in topics: OutputTopics) {
        for topic in topics.stateNames {
            for fault in MACFault.allCases {
                begin(.recordsUnauthentic, [("topic", topic), ("reason", fault.rawValue)])
            }
        }
    }
}
