import JSON
import Statistics
import TelemetryModel

/// A change as it is published, and read back exactly:
///
///     {"window":"2026-01-15T09:00:00Z","group":["eni-1",null],"measures":[12,{"sum":3.5},…]}
///
/// `window` is the window's start, `group` the values of the group columns, `null` where absent, and `measures` are in
/// the rollup's order, each as `MeasureState.write` describes.
extension RollupChange {
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("window", windowStart.description)
        json.key("group")
        json.beginArray()
        for value in group {
            if let value { json.string(value) } else { json.null() }
        }
        json.endArray()
        json.key("measures")
        json.beginArray()
        for measure in measures { measure.write(to: &json) }
        json.endArray()
        json.endObject()
    }

    /// Reads what `write` wrote; members that it does not know are skipped. Whether it fits a rollup is for
    /// `RollupEngine.restore` to say.
    public init(reading json: inout JSONCursor) throws(JSONCursorError) {
        var start: Timestamp?
        var group: [String?] = []
        var measures: [MeasureState] = []
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "window":
                start = Timestamp(rfc3339: try json.string())
                if start == nil { throw json.refusal("an RFC 3339 time") }
            case "group":
                try json.beginArray()
                while try json.nextElement() { group.append(try json.takeNull() ? nil : try json.string()) }
            case "measures":
                try json.beginArray()
                while try json.nextElement() { measures.append(try MeasureState(reading: &json)) }
            default:
                try json.skipValue()
            }
        }
        guard let start else { throw json.refusal("a change with its window") }
        self.init(windowStart: start, group: group, measures: measures)
    }
}
