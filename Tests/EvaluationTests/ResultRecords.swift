import Objectives
import TelemetryModel

@testable import Evaluation
@testable import Records

extension EvaluationShard.Results {
    var windows: [WindowRecord] {
        records.compactMap { if case .window(let record, _) = $0 { record } else { nil } }
    }

    var monitors: [MonitorRecord] {
        records.compactMap { if case .state(let record as MonitorRecord) = $0 { record } else { nil } }
    }

    /// The keys of window records that are taken back.
    var superseded: [String] {
        records.compactMap { if case .supersededWindow(_, let key) = $0 { key } else { nil } }
    }

    /// As the window records say.
    var judgedThrough: EventTimes {
        for case .window(_, let times) in records { return times }
        return EventTimes()
    }
}
