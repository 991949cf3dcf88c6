import ArgumentParser
import Objectives
import Pipeline
import TelemetryModel

extension Timestamp: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rfc3339: argument)
    }

    public var defaultValueDescription: String { description }
}

/// A length of time, such as `90s`, `5m`, `1h` or `30d`.
struct DurationArgument: ExpressibleByArgument {
    let nanoseconds: Int64

    init?(argument: String) {
        guard let nanoseconds = DurationText.nanoseconds(argument) else { return nil }
        self.nanoseconds = nanoseconds
    }
}

extension TopicPlace: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(argument)
    }
}

/// For commands that read topics of ours.
struct SkipOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Go past a record of our own topics that can't be read, and mark the gap; may be given again.",
            valueName: "topic/partition/offset"))
    var skip: [TopicPlace] = []
}

/// How a table is printed.
enum TableFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
}
