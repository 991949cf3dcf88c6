/// Topics of our own that were there, and are there no more: what their records said is gone with them, so a member that needs
/// them stops.
package struct LostTopics: Error, CustomStringConvertible {
    /// In order of name.
    package let topics: [String]
    /// Of the changelog.
    private let registers: String

    package init(_ names: some Sequence<String>, of topics: OutputTopics) {
        self.topics = names.sorted()
        registers = topics.registers
    }

    package var description: String {
        let subject =
            topics.count == 1 ? "the topic \(topics[0]) is" : "the topics \(topics.joined(separator: ", ")) are"
        let runbook = LostTopics.runbook(of: topics.contains(registers) ? registers : topics.first ?? "")
        return subject
            + " there no more, or not as before: deleted, made anew, cut, or hidden by an ACL. Make nothing again "
            + "by hand before you have read what brings it back: \(runbook)"
    }

    /// The page that says what to do about the loss of a topic of ours.
    package static func runbook(of topic: String) -> String {
        let isChangelog = topic.hasSuffix(OutputTopics(prefix: "").registers)
        return "deploy/runbooks/\(isChangelog ? "lost-changelog" : "lost-topic").md"
    }

    /// What to add to a failure that a lost topic may be the cause of.
    package static func hint(of topic: String) -> String {
        "; where \(topic) was deleted or made anew, go by \(runbook(of: topic)) and skip nothing"
    }
}
