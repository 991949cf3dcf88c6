import JSON
import TelemetryModel

/// As a member that says how far the slowest kind of event is, as records of before say it, and where they differ another one behind it.
extension JSONWriter {
    mutating func member(_ name: String, _ times: EventTimes) {
        if let least = times.least { member(name, least.description) }
        if times == EventTimes(all: times.least) { return }
        key(name + "_by_kind")
        beginObject()
        for kind in EventKind.allCases {
            if let time = times[kind] { member(kind.rawValue, time.description) }
        }
        endObject()
    }
}

extension JSONCursor {
    /// The times of kinds, in an object.
    mutating func eventTimes() throws(JSONCursorError) -> EventTimes {
        var times = EventTimes()
        try beginObject()
        while let name = try nextKey() {
            guard let kind = EventKind(rawValue: name) else { throw refusal("a kind of event") }
            times[kind] = try timestamp()
        }
        return times
    }
}

extension EventTimes {
    /// Takes what is said of all kinds, for those of which nothing is said yet.
    mutating func takeLeast(_ time: Timestamp) {
        for kind in EventKind.allCases where self[kind] == nil { self[kind] = time }
    }

    /// Takes what is said of some kinds.
    mutating func take(_ times: EventTimes) {
        for kind in EventKind.allCases { self[kind] = times[kind] ?? self[kind] }
    }
}
