import KafkaClient
import Logging
import Observability
import Records
import Synchronization

/// The records of our own topics that whoever started the process wants passed over, because they can't be read.
///
/// All members of a group need the same ones until each shard has a checkpoint behind them.
public final class SkippedRecords: Sendable {
    private let places: Set<TopicPlace>
    private let say: @Sendable (TopicPlace) -> Void
    /// Said once each, however often topics are read again.
    private let said = Mutex<Set<TopicPlace>>([])

    /// - Parameter say: called once for each record that is passed over.
    public init(_ places: [TopicPlace] = [], say: @escaping @Sendable (TopicPlace) -> Void = { _ in }) {
        self.places = Set(places)
        self.say = say
    }

    package convenience init(_ places: [TopicPlace], _ metrics: MetricsRegistry, _ logger: Logger) {
        self.init(places) { place in
            metrics.add(.recordsPassedOver, [("topic", place.topic)])
            logger.warning(
                "a record is passed over on request; what it says is missing", metadata: ["record": "\(place)"])
        }
    }

    /// Whether the record is to be passed over; that it was is said.
    package func contains(_ partition: TopicPartition, offset: Int64) -> Bool {
        if places.isEmpty { return false }
        let place = TopicPlace(partition, offset: offset)
        guard places.contains(place) else { return false }
        if said.withLock({ $0.insert(place).inserted }) { say(place) }
        return true
    }
}
