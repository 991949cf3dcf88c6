/// A record of a topic of ours that can't be read, or does not follow what was read before it.
///
/// Whoever reads it stops: the topic is whole, so a release that can read it loses nothing, while going on would lose what
/// it says without a word.
public struct UnreadableRecord: Error, Sendable {
    public let place: TopicPlace
    public let reason: String

    package init(_ place: TopicPlace, _ reason: String) {
        self.place = place
        self.reason = reason
    }
}

extension UnreadableRecord: CustomStringConvertible {
    public var description: String {
        "the record at offset \(place.offset) of \(place.topic)[\(place.partition)] can't be used: \(reason). Nothing is lost "
            + "as long as it is there for a release that can; to go on without it, and with a gap in the reports, start with "
            + "--skip \(place)" + LostTopics.hint(of: place.topic)
    }
}
