import JSON
import Statistics
import TelemetryModel

/// What a monitor knows of one group, whole enough to go on from.
public struct AnomalySeriesState: Sendable, Equatable {
    /// The values of the group columns, `nil` where absent.
    public let group: [String?]
    /// `nil`: the monitor forgot the group.
    public let course: Course?
    /// The last window that was seen of a group that was forgotten: what comes of it up to there is known already.
    public let goneThrough: Timestamp?

    public struct Course: Sendable, Equatable {
        public let series: DetectedSeries
        /// The last window that was taken in.
        public let lastWindow: Timestamp
        /// The window that opened the alert, while it is open.
        public let openedAt: Timestamp?
        /// How many of the last windows do not call for the alert that is open.
        public var calm: Int64 = 0
        /// How many of the last windows have no record of the group that has a value.
        public var absent = 0
        /// In one of them it had records.
        public var hadValueless = false
        /// In one of them it may have had some that were not shown.
        public var isAbsenceUnknown = false
        /// The last window in which too little was known of it, where that was one of those since its state was published before.
        public var newThrough: Timestamp?

        public init(series: DetectedSeries, lastWindow: Timestamp, openedAt: Timestamp? = nil) {
            self.series = series
            self.lastWindow = lastWindow
            self.openedAt = openedAt
        }
    }

    public init(group: [String?], course: Course?, goneThrough: Timestamp? = nil) {
        self.group = group
        self.course = course
        self.goneThrough = goneThrough
    }

    /// The last window that is included; `nil` where a group was forgotten by a release that does not say when.
    public var through: Timestamp? { course?.lastWindow ?? goneThrough }
}

/// A state as it is published, and read back exactly:
///
///     {"group":["eni-1",null],"window":"2026-01-15T09:00:00Z","count":12,"mean":3.5,"variance":0.25,
///      "deviation":{"values":7,"settled":1,"count":7,"mean":90,"variance":2},
///      "opened_at":"2026-01-15T09:00:00Z","calm":1,"absent":2,"valueless":true,"absence_unknown":true}
///
/// `window` is the last one taken in; what follows it is the method's state, here of `ewma`: `count` values, `mean` and `variance`
/// the shortest decimals that read as the same doubles. `deviation` is what was learnt apart since the series deviates, `opened_at`
/// is there while the alert is open, `new_through` the last window in which too few values came before; what is 0 or false is left out.
/// Where no value was usual, nothing usual was learnt: `unlearnt` says so, and the method's state is that of `deviation`, for releases
/// that need one. `{"group":[…],"gone_through":"…"}` is a group forgotten.
///
/// 0.1.0 wrote what is here without `deviation`, `calm`, `absent`, `valueless`, `absence_unknown`, `unlearnt`, `new_through` and `gone_through`,
/// and skips those.
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
            let isUnlearnt = course.series.usual.count == 0
            let learnt = isUnlearnt ? course.series.deviation?.state : course.series.usual
            (learnt ?? course.series.usual).write(to: &json)
            if isUnlearnt {
                json.key("unlearnt")
                json.bool(true)
            }
            if let deviation = course.series.deviation {
                json.key("deviation")
                json.beginObject()
                json.member("values", deviation.values)
                if deviation.settled > 0 { json.member("settled", deviation.settled) }
                deviation.state.write(to: &json)
                json.endObject()
            }
            if let openedAt = course.openedAt { json.member("opened_at", openedAt.description) }
            if course.calm > 0 { json.member("calm", course.calm) }
            if course.absent > 0 { json.member("absent", course.absent) }
            if course.hadValueless {
                json.key("valueless")
                json.bool(true)
            }
            if course.isAbsenceUnknown {
                json.key("absence_unknown")
                json.bool(true)
            }
            if let newThrough = course.newThrough { json.member("new_through", newThrough.description) }
        }
        if let goneThrough { json.member("gone_through", goneThrough.description) }
        json.endObject()
    }

    /// Reads what `write` wrote; members that it does not know are skipped.
    public init(reading json: inout JSONCursor) throws(JSONCursorError) {
        var group: [String?]?
        var (lastWindow, openedAt, goneThrough) = (Timestamp?.none, Timestamp?.none, Timestamp?.none)
        var usual = DetectorStateFields()
        var deviation: DetectedSeries.Deviation?
        var (calm, absent, hadValueless, isAbsenceUnknown) = (Int64(0), 0, false, false)
        var isUnlearnt = false
        var newThrough: Timestamp?
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
            case "gone_through": goneThrough = try AnomalySeriesState.time(&json)
            case "deviation": deviation = try DetectedSeries.Deviation(reading: &json)
            case "new_through": newThrough = try AnomalySeriesState.time(&json)
            case "calm": calm = try json.integer()
            case "absent": absent = try json.integer()
            case "unlearnt": isUnlearnt = try json.bool()
            case "valueless": hadValueless = try json.bool()
            case "absence_unknown": isAbsenceUnknown = try json.bool()
            default: if try !usual.take(key, &json) { try json.skipValue() }
            }
        }
        guard let group else { throw json.refusal("a state with its group") }
        if lastWindow == nil, usual.isEmpty {
            self.init(group: group, course: nil, goneThrough: goneThrough)
            return
        }
        guard let lastWindow, let usual = usual.state, calm >= 0, absent >= 0 else {
            throw json.refusal("a window, a count above 0, a mean and a variance of 0 or more")
        }
        var course = Course(
            series: DetectedSeries(usual: isUnlearnt ? usual.initial : usual, deviation: deviation),
            lastWindow: lastWindow, openedAt: openedAt)
        (course.calm, course.absent, course.isAbsenceUnknown) = (calm, absent, isAbsenceUnknown)
        (course.hadValueless, course.newThrough) = (hadValueless, newThrough)
        self.init(group: group, course: course)
    }

    private static func time(_ json: inout JSONCursor) throws(JSONCursorError) -> Timestamp {
        guard let time = Timestamp(rfc3339: try json.string()) else { throw json.refusal("an RFC 3339 time") }
        return time
    }
}
