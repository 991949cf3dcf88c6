import JSON
import Statistics

/// The forms of methods' states, as members of the object around them.
extension Detector.State {
    func write(to json: inout JSONWriter) {
        switch self {
        case .ewma(let series):
            json.member("count", series.count)
            json.key("mean")
            json.double(series.mean)
            json.key("variance")
            json.double(series.variance)
        }
    }
}

/// What was read of a method's state so far.
struct DetectorStateFields {
    private var count: Int64?
    private var mean: Double?
    private var variance: Double?

    var isEmpty: Bool { count == nil && mean == nil && variance == nil }

    /// The state that the members come to; `nil` where they make none.
    var state: Detector.State? {
        guard let count, let mean, let variance else { return nil }
        return EWMA(count: count, mean: mean, variance: variance).map { .ewma($0) }
    }

    /// Reads a member's value, where it is one of a state.
    mutating func take(_ key: String, _ json: inout JSONCursor) throws(JSONCursorError) -> Bool {
        switch key {
        case "count": count = try json.integer()
        case "mean": mean = try json.double()
        case "variance": variance = try json.double()
        default: return false
        }
        return true
    }
}

extension DetectedSeries.Deviation {
    init(reading json: inout JSONCursor) throws(JSONCursorError) {
        var fields = DetectorStateFields()
        var (values, settled) = (Int64(0), Int64(0))
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "values": values = try json.integer()
            case "settled": settled = try json.integer()
            default: if try !fields.take(key, &json) { try json.skipValue() }
            }
        }
        guard let state = fields.state, values > 0, settled >= 0 else {
            throw json.refusal("the values since a series deviates, and what was learnt from them")
        }
        self.init(state: state, values: values, settled: settled)
    }
}
