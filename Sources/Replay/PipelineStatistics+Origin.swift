import Counting
import TelemetryModel

extension PipelineStatistics {
    /// What was read, for a report over nothing: a sentence without its full stop.
    func origin(files: Int) -> String {
        let kinds = EventKind.allCases.map { kind in
            let names =
                switch kind {
                case .cloudTrail: ("CloudTrail event", "CloudTrail events")
                case .vpcFlow: ("flow log record", "flow log records")
                case .metric: ("metric value", "metric values")
                }
            let count = decoded[kind] ?? 0
            return "\(count) \(count == 1 ? names.0 : names.1)"
        }
        var text = "\(files) \(files == 1 ? "file" : "files") held \(kinds.joined(separator: ", "))"
        if deadLetteredTotal > 0 { text += ", and \(deadLetteredTotal) records that went to the dead letters" }
        return text
    }
}
