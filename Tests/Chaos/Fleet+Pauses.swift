/// Members that are stopped for longer than their session: the group declares them dead, others take over what they had,
/// and then they go on where they were, with all that they had decided and not yet sent.
extension Fleet {
    /// - Parameter time: nil until ``resume(_:)``.
    func pause(_ member: Member, for time: Duration? = nil) {
        journal.note("SIGSTOP \(member.name) of age \(member.age)\(time.map { " for \($0)" } ?? "")")
        member.pause(for: time)
        interruptions.append(Interruption(slot: member.slot, isPause: true))
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

/// A kill or a pause: what may make one request come again.
struct Interruption {
    let slot: Int
    let isPause: Bool
    let time = ContinuousClock.now
}
