import Observability

/// Whether a member's clock is right enough for it to take partitions.
///
/// A member never judges by its host's clock where the broker gives one. But one that is off by more than a minute is a host that
/// nobody looks after: its certificates, logs and audit records are wrong too, so it takes nothing and says so.
///
/// It asks the broker by an entry of its own, before it joins the group and then as long as it is off, for a clock that was
/// set right meanwhile, the broker's included. While it counts, its updates are answer enough.
struct ClockWatch {
    static let offsetMax = Duration.seconds(60)
    /// How near the clock has to come for a member that was off: so one at the bound does not come and go.
    static let offsetMaxAgain = Duration.seconds(55)
    /// Between two questions while it is off.
    static let questionInterval = Duration.seconds(10)

    /// Between two questions while it is right; `nil` asks once.
    let intervalWhileRight: Duration?

    enum Change: Equatable {
        case none
        case turnedOff
        case turnedRight
    }

    /// Whose clock it is that is believed.
    enum Origin: Equatable {
        case broker
        case host
    }

    private(set) var isOff = false
    private var origin = Origin.broker
    private var askedAt: Duration?
    var hasAsked: Bool { askedAt != nil }

    init(askingWhileRightEach interval: Duration? = nil) {
        intervalWhileRight = interval
    }

    /// - Parameter offset: of the host's clock before the broker's; `nil` where that is not known.
    mutating func note(_ offset: Duration?) -> Change {
        let distance = offset.map { max($0, .zero - $0) } ?? .zero
        let wasOff = isOff
        isOff = distance > (wasOff ? ClockWatch.offsetMaxAgain : ClockWatch.offsetMax)
        if isOff == wasOff { return .none }
        return isOff ? .turnedOff : .turnedRight
    }

    /// What there is to say of whose clock is used; `nil` as long as that is what was said, or goes without saying.
    ///
    /// - Parameter offset: as above. A broker that has told its time once is believed from then on, so a process says two things at most.
    mutating func noteOrigin(_ offset: Duration?) -> Origin? {
        let now = offset == nil ? Origin.host : .broker
        defer { origin = now }
        return origin == now ? nil : now
    }

    /// Whether it is time to ask the broker.
    mutating func asks(at now: Duration) -> Bool {
        if let askedAt {
            guard let interval = isOff ? ClockWatch.questionInterval : intervalWhileRight else { return false }
            if now - askedAt < interval { return false }
        }
        askedAt = now
        return true
    }

    static func text(_ offset: Duration) -> String {
        let seconds = offset.seconds
        return
            "the host's clock is \(Int(abs(seconds).rounded())) s \(seconds > 0 ? "ahead of" : "behind") the broker's"
    }
}
