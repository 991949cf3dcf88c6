import Synchronization

/// Whether the consumer does its work: what `/readyz` says, and why not.
///
/// It is ready when it has what the group gave it, and a broker answers. After an outage that a broker is up again is not
/// enough for a member with partitions: the group may have given them to another meanwhile. So it is ready when the group
/// has taken a commit of it, or has given it partitions anew.
public final class Readiness: Sendable {
    public enum State: Sendable, Equatable {
        case starting(String)
        case ready
        /// It was ready, and a dependency is gone; work goes on as soon as that is back.
        case degraded(String)
        case stopping
    }

    private struct Condition {
        var lifecycle = State.starting("waiting for the first assignment")
        /// Why no broker answers.
        var outage: String?
        /// Why what it counts may be in vain.
        var dispute: String?
        /// Which brokers take requests and do not answer.
        var silence: String?
        /// What it can't do without is gone.
        var loss: String?
        /// Why no partitions are taken.
        var refusal: String?
        var isAssigned = true
        var stoppingSince: ContinuousClock.Instant?
        /// Whether the member has partitions of which it commits offsets.
        var commits: @Sendable () -> Bool = { false }

        var state: State {
            if let refusal, lifecycle != .stopping {
                return lifecycle == .ready ? .degraded(refusal) : .starting(refusal)
            }
            guard lifecycle == .ready else { return lifecycle }
            if let loss { return .degraded(loss) }
            if let silence { return .degraded(silence) }
            if let outage { return .degraded(outage) }
            if let dispute { return .degraded(dispute) }
            return isAssigned ? .ready : .degraded("waiting for the group to assign partitions anew")
        }
    }

    private let condition = Mutex(Condition())
    private let explanation = Mutex<@Sendable () -> String?>({ nil })

    public init() {}

    public var current: State {
        let state = condition.withLock { $0.state }
        guard case .starting(let what) = state, let why = explanation.withLock({ $0 })() else { return state }
        return .starting("\(what); \(why)")
    }

    /// - Parameter explanation: what may keep a start waiting; nil where nothing does.
    package func explainStart(by explanation: @escaping @Sendable () -> String?) {
        self.explanation.withLock { $0 = explanation }
    }

    public func set(_ new: State) {
        condition.withLock { condition in
            // Once stopping, nothing makes it ready again.
            if condition.lifecycle == .stopping { return }
            condition.lifecycle = new
            if new == .stopping { condition.stoppingSince = .now }
        }
    }

    /// How long a stop may take before the process is not taken for alive any more: twice what it takes where no broker answers.
    package static let stopMax = Duration.seconds(60)

    /// Whether it has been stopping for too long at `now`.
    package func isStopOverdue(at now: ContinuousClock.Instant = .now) -> Bool {
        condition.withLock { $0.stoppingSince.map { $0.duration(to: now) >= Readiness.stopMax } ?? false }
    }

    /// What it depends on is gone. What was not ready yet goes on waiting for its own reason.
    package func degrade(_ reason: String) {
        condition.withLock { condition in
            if condition.lifecycle == .ready { condition.outage = reason }
        }
    }

    /// Brokers take requests and do not answer; nil when all answer again. For a member with partitions the group has to show then
    /// that it still is one, as after any outage.
    package func fallSilent(_ reason: String?) {
        let isOver = condition.withLock { condition in
            defer { condition.silence = reason }
            if condition.lifecycle == .ready { condition.outage = reason ?? condition.outage }
            return reason == nil && condition.silence != nil
        }
        if isOver { recover() }
    }

    /// The member takes no partitions, and why; `nil` when it does again.
    package func refuse(_ reason: String?) { condition.withLock { $0.refusal = reason } }

    /// A broker is up again.
    package func recover() {
        let commits = condition.withLock { $0.commits }
        if !commits() { confirmMembership() }
    }

    /// The group has taken a commit: it is reached, and this is its member.
    package func confirmMembership() { condition.withLock { $0.outage = nil } }

    /// - Parameter commits: whether the member has partitions of which it commits offsets, so that it is worth waiting for.
    package func awaitCommits(while commits: @escaping @Sendable () -> Bool) {
        condition.withLock { $0.commits = commits }
    }

    /// Something that it can't do without is gone; `nil` when it is back.
    package func miss(_ reason: String?) { condition.withLock { $0.loss = reason } }

    /// What it writes is not believed.
    package func dispute(_ reason: String) { condition.withLock { $0.dispute = reason } }

    /// It is believed again.
    package func settle() { condition.withLock { $0.dispute = nil } }

    /// The group has given what it gives.
    package func assign() {
        condition.withLock { condition in
            condition.outage = nil
            condition.isAssigned = true
        }
    }

    /// What the group gave is another member's; it is waited for anew.
    package func lose() { condition.withLock { $0.isAssigned = false } }
}
