import JSON
import Statistics
import TelemetryModel

/// What a monitor knows of one group, whole enough to go on from.
public struct AnomalySeriesState: Sendable, Equatable {
    /// The values of the group columns, `nil` where absent.
    public let group: [String?]
    /// `nil`: the monitor forgot the group, to make room.
    public let course: Course?

    public struct Course: Sendable, Equatable {
        public let series: EWMA
        /// The last window that was taken in.
        public let lastWindow: Timestamp
        /// The window that opened the alert, while it is open.
        public let openedAt: Timestamp?

        public init(series: EWMA, lastWindow: Timestamp, openedAt: Timestamp? = nil) {
            self.series = series
            self.lastWindow = lastWindow
            self.openedAt = openedAt
        }
    }

    public init(group: [String?], course: Course?) {
        self.group = group
        self.course = course
    }
}

/// A state as it is published, and read back exactly:
///
///     {"group":["eni-1",null],"window":"2026-01-15T09:00:00Z","count":12,"mean":3.5,"variance":0.25,
///      "opened_at":"2026-01-15T09:00:00Z"}
///
/// `window` is the last one taken in, `count` the values so far, `mean` and `variance` the shortest decimals that read as
/// the same doubles; `opened_at` is there while the alert is open. `{"group":[…]}` alone is a group forgotten.
extension AnomalySeriesState {
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.key("group")
        json.beginArray()
        for value in group {
            if let value { json.string(value) } else { json.null() }
        }
        json.endArray()
        if let course {
            json.member("window", course.lastWindow.description)
            json.member("count", course.series.count)
            json.key("mean")
            json.double(course.series.mean)
            json.key("variance")
            json.double(course.series.variance)
            if let openedAt = course.openedAt { json.member("opened_at", openedAt.description) }
        }
        json.endObject()
    }

    /// Reads what `write` wrote; members that it does not know are skipped.
    public init(reading json: inout JSONCursor) throws(JSONCursorError) {
        var group: [String?]?
        var lastWindow: Timestamp?
        var openedAt: Timestamp?
        var count: Int64?
        var mean: Double?
        var variance: Double?
        try json.beginObject()
        while let key = try json.nextKey() {
            switch key {
            case "group":
                var values: [String?] = []
                try json.beginArray()
                while try json.nextElement() { values.append(try json.takeNull() ? nil : try json.string()) }
                group = values
            case "window": lastWindow = try AnomalySeriesState.time(&json)
            case "opened_at": openedAt = try AnomalySeriesState.time(&json)
            case "count": count = try json.integer()
            case "mean": mean = try json.double()
            case "variance": variance = try json.double()
            default: try json.skipValue()
            }
        }
        guard let group else { throw json.refusal("a state with its group") }
        if lastWindow == nil, count == nil, mean == nil, variance == nil {
            self.init(group: group, course: nil)
            return
        }
        guard let lastWindow, let count, let mean, let variance,
            let series = EWMA(count: count, mean: mean, variance: variance)
        else { throw json.refusal("a window, a count above 0, a mean and a variance of 0 or more") }
        self.init(group: group, course: Course(series: series, lastWindow: lastWindow, openedAt: openedAt))
    }

    private static func time(_ json: inout JSONCursor) throws(JSONCursorError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try json.string()) else { throw json.refusal("an RFC 3339 time") }
        return time
    }
}
