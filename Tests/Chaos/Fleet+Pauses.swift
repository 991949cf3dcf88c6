/// Members that are stopped for longer than their session: the group declares them dead, others take over what they had,
/// and then they go on where they were, with all that they had decided and not yet sent.
extension Fleet {
    /// - Parameter time: nil until ``resume(_:)``.
    func pause(_ member: Member, for time: Duration? = nil) {
        journal.note("SIGSTOP \(member.name) of age \(member.age)\(time.map { " for \($0)" } ?? "")")
        member.pause(for: time)
        interruptions.append(Interruption(.pause, slot: member.slot))
    }

    /// - Parameter all: also those whose time is not over.
    func resume(all: Bool = false) {
        for member in members where member.isPaused && (all || member.isPauseOver) { resume(member) }
    }

    func resume(_ member: Member) {
        journal.note("SIGCONT \(member.name)")
        member.resume()
        changed = .now
    }
}

/// What may make one request come again.
struct Interruption {
    enum Kind {
        case kill, pause
        /// The group has ended the session of that sink's consumer: on a busy machine also that of a member that nobody has touched.
        case loss(PageSink)
    }

    let slot: Int
    let kind: Kind
    /// Nil where its host's clock tells it, and is wrong.
    let time: ContinuousClock.Instant?

    init(_ kind: Kind, slot: Int, at time: ContinuousClock.Instant? = .now) {
        (self.kind, self.slot, self.time) = (kind, slot, time)
    }

    var isPause: Bool { if case .pause = kind { true } else { false } }
    var isKill: Bool { if case .kill = kind { true } else { false } }
}
