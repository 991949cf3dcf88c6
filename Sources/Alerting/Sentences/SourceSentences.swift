import TelemetryModel
import Text

extension AlertTransition {
    /// Where the records behind it lie, as people read it: a line for each of the first sources, and how many more there are.
    public var sourceLines: [String] {
        let shown = sources.prefix(AlertTransition.sourceLinesMax)
        let others = sources.count - shown.count + sourcesLeftOut
        return shown.map(\.line) + (others > 0 ? ["and \(SentenceNumber.counted(others, "more source"))"] : [])
    }

    static let sourceLinesMax = 5
}

extension AlertSource {
    /// `orders/3, offsets 5 to 90` or `trail.json.gz, records 0 to 12`, counted as they are there: from 0.
    fileprivate var line: String {
        switch first {
        case .file(let name, let record): "\(name), \(AlertSource.range("record", Int64(record), last))"
        case .kafka(let topic, let partition, let offset, _):
            "\(topic)/\(partition), \(AlertSource.range("offset", offset, last))"
        }
    }

    private static func range(_ unit: String, _ first: Int64, _ last: Int64) -> String {
        first == last ? "\(unit) \(first)" : "\(unit)s \(first) to \(last)"
    }
}
