import ArgumentParser
import Objectives
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

/// How a table is printed.
enum TableFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
}
