/// How far event time has come, for each kind of event; of a kind it may not be known.
///
/// What reads several kinds is as far as the slowest of them, so that one that is late holds back nothing that does not read it.
public struct EventTimes: Hashable, Sendable {
    private var times = PerKind<Timestamp?> { _ in nil }

    public init() {}

    /// All kinds are equally far.
    public init(all time: Timestamp?) { times = PerKind { _ in time } }

    public subscript(kind: EventKind) -> Timestamp? {
        get { times[kind] }
        set { times[kind] = newValue }
    }

    /// How far what reads these kinds is: `nil` where that is not known of one of them.
    public func least(of kinds: some Collection<EventKind>) -> Timestamp? {
        var least: Timestamp?
        for kind in kinds {
            guard let time = self[kind] else { return nil }
            least = min(least ?? time, time)
        }
        return least
    }

    public var least: Timestamp? { least(of: EventKind.allCases) }

    /// Takes the later time of each kind: none goes back.
    public mutating func advance(to other: EventTimes) {
        for kind in EventKind.allCases {
            guard let time = other[kind] else { continue }
            self[kind] = max(self[kind] ?? time, time)
        }
    }

    // MARK: As text

    /// One time where all kinds are equally far, as `2026-01-15T09:00:00Z`; else each that is known, as
    /// `cloudtrail=2026-01-15T09:00:00Z metric=2026-01-15T09:10:00Z`; `nil` where none is.
    public var text: String? {
        if self == EventTimes() { return nil }
        if let time = times[.cloudTrail], self == EventTimes(all: time) { return time.description }
        return EventKind.allCases.compactMap { kind in self[kind].map { "\(kind.rawValue)=\($0)" } }
            .joined(separator: " ")
    }

    /// `nil` for what is no such text.
    public init?(text: String) {
        if let time = Timestamp(rfc3339: text) {
            self.init(all: time)
            return
        }
        self.init()
        for part in text.split(separator: " ", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let kind = EventKind(rawValue: String(sides[0])), self[kind] == nil,
                let time = Timestamp(rfc3339: String(sides[1]))
            else { return nil }
            self[kind] = time
        }
    }
}
