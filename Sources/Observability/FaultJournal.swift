/// When a fault that goes on is said: at once, then once a minute while it lasts, and once when it is over.
///
/// Time comes from the caller. A fault is known by a text of the caller's.
public struct FaultJournal: Sendable {
    public enum Line: Sendable, Equatable {
        case begins
        /// How long it has lasted, and how often it was seen since it was last said, this time included.
        case goesOn(Duration, times: Int)
    }

    public static let interval = Duration.seconds(60)
    /// Faults that are held at a time; beyond them every one is said, because a line too many is better than none.
    static let faultsMax = 1_000

    private struct Entry {
        var began: ContinuousClock.Instant
        var said: ContinuousClock.Instant
        var seen: ContinuousClock.Instant
        var times = 0
    }

    private var entries: [String: Entry] = [:]

    private let silence: Duration

    /// - Parameter silence: a fault that was not seen for so long has ended, and its next time is a first one.
    public init(silence: Duration = .seconds(120)) {
        self.silence = silence
    }

    /// What is to be said of a fault that was seen now; nil for nothing.
    public mutating func failed(_ fault: String, at now: ContinuousClock.Instant) -> Line? {
        if entries.count >= FaultJournal.faultsMax {
            entries = entries.filter { $0.value.seen.duration(to: now) < silence }
        }
        guard var entry = entries[fault], entry.seen.duration(to: now) < silence else {
            if entries.count < FaultJournal.faultsMax { entries[fault] = Entry(began: now, said: now, seen: now) }
            return .begins
        }
        entry.seen = now
        entry.times += 1
        defer { entries[fault] = entry }
        guard entry.said.duration(to: now) >= FaultJournal.interval else { return nil }
        defer { (entry.said, entry.times) = (now, 0) }
        return .goesOn(entry.began.duration(to: now), times: entry.times)
    }

    /// How long a fault lasted that is over now; nil where there was none.
    public mutating func recovered(_ fault: String, at now: ContinuousClock.Instant) -> Duration? {
        entries.removeValue(forKey: fault)?.began.duration(to: now)
    }

    public var isEmpty: Bool { entries.isEmpty }
}
