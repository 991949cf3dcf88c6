import KafkaClient
import Logging
import Observability
import Records
import Synchronization

/// The records of our own topics that are passed over: those that whoever started the process wants skipped, because they can't be
/// read, and those that carry no right code where one is asked for.
///
/// Each reader of such a topic asks it of each record before it looks at it. All members of a group need the same places until
/// each shard has a checkpoint behind them, and the same keys always.
public final class SkippedRecords: Sendable {
    /// Why a record is passed over.
    package enum Cause: Sendable, Equatable {
        /// What it says is missing.
        case onRequest
        /// It says nothing: the log is what it would be without it.
        case notAuthentic(MACFault)
    }

    private let places: Set<TopicPlace>
    private let authentication: RecordAuthentication?
    private let say: @Sendable (TopicPlace) -> Void
    private let refused: @Sendable (TopicPlace, MACFault) -> Void
    /// Said once each, however often topics are read again.
    private let said = Mutex<Set<TopicPlace>>([])
    private let forged = Mutex(Forged())

    private struct Forged {
        var seen: Set<TopicPlace> = []
        var tally = UnauthenticRecords()
    }

    /// Records without a right code that are known, so that one which is read again is not counted again: 10,000 take about a
    /// megabyte. With more all are forgotten, and count anew where they are read again.
    private static let forgedMax = 10_000

    /// - Parameters:
    ///   - say: called once for each record that is skipped on request.
    ///   - refused: called once for each that carries no right code.
    public init(
        _ places: [TopicPlace] = [], authentication: RecordAuthentication? = nil,
        say: @escaping @Sendable (TopicPlace) -> Void = { _ in },
        refused: @escaping @Sendable (TopicPlace, MACFault) -> Void = { _, _ in }
    ) {
        self.places = Set(places)
        self.authentication = authentication
        self.say = say
        self.refused = refused
    }

    package convenience init(
        _ places: [TopicPlace], authentication: RecordAuthentication? = nil, _ metrics: MetricsRegistry,
        _ logger: Logger
    ) {
        let journal = ForgeryLog(metrics, logger)
        self.init(
            places, authentication: authentication,
            say: { place in
                metrics.add(.recordsPassedOver, [("topic", place.topic)])
                logger.warning(
                    "a record is passed over on request; what it says is missing", metadata: ["record": "\(place)"])
            }, refused: { journal.note($0, $1) })
    }

    /// Why the record is to be passed over, which is said; `nil` for one that is to be read.
    package func cause(of message: Message, in partition: TopicPartition) -> Cause? {
        if places.isEmpty, authentication == nil { return nil }
        let place = TopicPlace(partition, offset: message.offset)
        if places.contains(place) {
            if said.withLock({ $0.insert(place).inserted }) { say(place) }
            return .onRequest
        }
        guard let fault = authentication?.fault(of: message, in: partition) else { return nil }
        let isNew = forged.withLock { forged in
            if forged.seen.count >= SkippedRecords.forgedMax { forged.seen = [] }
            guard forged.seen.insert(place).inserted else { return false }
            forged.tally.add(place.topic, fault)
            return true
        }
        if isNew { refused(place, fault) }
        return .notAuthentic(fault)
    }

    /// The places on request that no record was met at so far.
    public var notMet: [TopicPlace] {
        places.subtracting(said.withLock { $0 }).sorted { $0.description < $1.description }
    }

    /// What was read so far and carries no right code.
    public var unauthentic: UnauthenticRecords { forged.withLock { $0.tally } }
}
