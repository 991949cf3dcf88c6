import Accounting
import Counting
import Logging
import Observability
import TelemetryModel

/// Finds inputs that bring records whose event time is far from the clock: behind it, where a backlog is caught up with or a producer's
/// clock or time zone is wrong, or ahead of it, where a producer's clock is.
///
/// It looks at partitions that have counted something since it looked last: one that is silent is not behind. The latest event time of
/// a partition says it, so that a late record among others is nothing. Says so once, and again every ten minutes while it lasts.
///
/// A value without clock or I/O.
struct EventTimeWatch {
    static let interval = Duration.seconds(10)
    static let repetition = Duration.seconds(600)
    /// No honest clock is further ahead, as no member's may be.
    static let aheadMax = ClockWatch.offsetMax

    enum Side: String {
        case ahead
        case behind
    }

    enum Line: Equatable {
        /// How far the partition's event time is from the clock: the furthest one of its topic to that side.
        case off(Side, Duration, SourcePartition)
        /// The topic's is near it again.
        case near(topic: String)
    }

    private struct Told {
        var side: Side
        var at: Duration
        var isOver: Bool
    }

    /// What is further behind is past, and pages nobody.
    private let behindMax: Duration
    private var counted: [SourcePartition: Int] = [:]
    private var told: [String: Told] = [:]
    private var looked: Duration?

    init(behindMax: Duration) { self.behindMax = behindMax }

    /// Whether it is time to look again.
    mutating func looks(at now: Duration) -> Bool {
        if let looked, now - looked < EventTimeWatch.interval { return false }
        looked = now
        return true
    }

    /// - Parameters:
    ///   - clock: the trusted clock's time.
    ///   - now: of a monotonic clock.
    /// - Returns: what is to be said now, by topic.
    mutating func look(at partitions: [LivePartition], clock: Timestamp, now: Duration) -> [Line] {
        var furthest: [String: (distance: Duration, source: SourcePartition)] = [:]
        for partition in partitions {
            let before = counted[partition.source] ?? 0
            guard partition.events > before, let time = partition.eventTime else { continue }
            let (distance, isTooFar) = time.nanoseconds.subtractingReportingOverflow(clock.nanoseconds)
            let found = Duration.nanoseconds(isTooFar ? (time < clock ? .min : .max) : distance)
            let topic = partition.source.topic
            if let known = furthest[topic], excess(known.distance) >= excess(found) { continue }
            furthest[topic] = (found, partition.source)
        }
        counted = Dictionary(partitions.map { ($0.source, $0.events) }) { $1 }
        return furthest.sorted { $0.key < $1.key }.compactMap { line(of: $0.key, $0.value, at: now) }
    }

    /// How far beyond its side's bound; not above 0 within.
    private func excess(_ distance: Duration) -> Duration {
        distance > .zero ? distance - EventTimeWatch.aheadMax : .zero - distance - behindMax
    }

    private mutating func line(
        of topic: String, _ furthest: (distance: Duration, source: SourcePartition), at now: Duration
    ) -> Line? {
        guard excess(furthest.distance) > .zero else {
            guard let last = told[topic], !last.isOver else { return nil }
            told[topic]?.isOver = true
            return .near(topic: topic)
        }
        let side: Side = furthest.distance > .zero ? .ahead : .behind
        if let last = told[topic], last.side == side, now - last.at < EventTimeWatch.repetition { return nil }
        told[topic] = Told(side: side, at: now, isOver: false)
        return .off(side, max(furthest.distance, .zero - furthest.distance), furthest.source)
    }
}

extension EventTimeWatch.Line {
    func log(to logger: Logger) {
        switch self {
        case .off(let side, let distance, let source):
            logger.warning(
                "event time is far \(side == .ahead ? "ahead of" : "behind") the clock",
                metadata: [
                    "topic": "\(source.topic)", "partition": .number(source.partition),
                    "seconds": "\(Int(distance.seconds.rounded()))",
                ])
        case .near(let topic):
            logger.info("event time is near the clock again", metadata: ["topic": "\(topic)"])
        }
    }
}
