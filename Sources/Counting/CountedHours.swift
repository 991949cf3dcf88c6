import TelemetryModel

/// The hours of event time that were counted in since they were last taken, for tracing numbers to their records.
///
/// Nearly every record is of the hour of the one before it, which costs a comparison; a table is only asked for another.
package struct CountedHours: Sendable {
    package struct Hour: Sendable {
        package let kind: EventKind
        package let start: Timestamp
        /// The minute of the earliest record.
        package fileprivate(set) var earliest: Timestamp
        /// Of the first and the last message with such a record; of files 0.
        package fileprivate(set) var offsets: ClosedRange<Int64>
    }

    private struct Key: Hashable {
        let kind: EventKind
        let start: Timestamp
    }

    private var hours: [Hour] = []
    /// Where each is in `hours`.
    private var places: [Key: Int] = [:]
    /// Where the hour of the latest record is.
    private var latest = 0

    /// In the order in which they came first.
    mutating func take() -> [Hour] {
        defer {
            hours = []
            places.removeAll(keepingCapacity: true)
            latest = 0
        }
        return hours
    }

    /// - Parameters:
    ///   - payload: of the batch.
    ///   - cursor: where the batch is from; no message is before one of a former call.
    mutating func note(_ batch: borrowing EventBatch, payload: RawSpan, at cursor: SourceCursor) {
        guard let earliest = batch.earliest, let last = batch.latest else { return }
        let kind = batch.projection.kind
        if isOfLatestHour(earliest, kind), isOfLatestHour(last, kind) {
            let index = batch.row(batch.count - 1, of: payload).record.index
            return widen(latest, earliest, cursor.offset(ofRecord: index))
        }
        for row in 0..<batch.count {
            note(batch.time(row), kind, cursor.offset(ofRecord: batch.row(row, of: payload).record.index))
        }
    }

    private static let length = 3600 * Timestamp.nanosecondsPerSecond

    private func isOfLatestHour(_ time: Timestamp, _ kind: EventKind) -> Bool {
        guard latest < hours.count, hours[latest].kind == kind else { return false }
        let age = time.nanoseconds.subtractingReportingOverflow(hours[latest].start.nanoseconds)
        return !age.overflow && age.partialValue >= 0 && age.partialValue < CountedHours.length
    }

    private mutating func note(_ time: Timestamp, _ kind: EventKind, _ offset: Int64) {
        if isOfLatestHour(time, kind) { return widen(latest, time, offset) }
        let key = Key(kind: kind, start: time.windowStart(length: CountedHours.length))
        if let known = places[key] {
            latest = known
            return widen(known, time, offset)
        }
        latest = hours.count
        places[key] = latest
        hours.append(
            Hour(kind: kind, start: key.start, earliest: CountedHours.minute(of: time), offsets: offset...offset))
    }

    private mutating func widen(_ place: Int, _ time: Timestamp, _ offset: Int64) {
        if time < hours[place].earliest { hours[place].earliest = CountedHours.minute(of: time) }
        if offset > hours[place].offsets.upperBound {
            hours[place].offsets = hours[place].offsets.lowerBound...offset
        }
    }

    private static func minute(of time: Timestamp) -> Timestamp {
        time.windowStart(length: 60 * Timestamp.nanosecondsPerSecond)
    }
}
