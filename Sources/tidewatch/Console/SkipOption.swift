import ArgumentParser
import Records

/// For commands that read topics of ours.
struct SkipOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Go past a record of our own topics that can't be read, and mark the gap; may be given again.",
            valueName: "topic/partition/offset"), transform: SkipOption.place)
    var skip: [TopicPlace] = []

    /// The records, once it is known which topics there are.
    func places(in topics: OutputTopics) throws -> [TopicPlace] {
        for place in skip where !topics.stateNames.contains(place.topic) {
            throw CommandFailure(
                .misused,
                "--skip \(place): \(place.topic) is no topic that is read back; there are "
                    + topics.stateNames.joined(separator: ", "))
        }
        return skip
    }

    @Sendable private static func place(_ text: String) throws -> TopicPlace {
        guard let place = TopicPlace(text) else {
            throw ValidationError(
                "write topic, partition and offset as the message that names the record does, such as tidewatch.registers/3/4711"
            )
        }
        return place
    }
}
