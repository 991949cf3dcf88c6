import ArgumentParser
import TelemetryModel

extension Timestamp: ExpressibleByArgument {
    public init?(argument: String) {
        self.init(rfc3339: argument)
    }

    public var defaultValueDescription: String { description }
}

/// How a table is printed.
enum TableFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
}
