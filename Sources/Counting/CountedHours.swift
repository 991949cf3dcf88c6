import TelemetryModel

/// The hours of event time that were counted in since they were last taken, for tracing numbers to their records, each with the
/// minute of its earliest record.
struct CountedHours {
    private var hours: [EventKind: [Timestamp: Timestamp]] = [:]

    mutating func take() -> [EventKind: [Timestamp: Timestamp]] {
        defer { hours.removeAll(keepingCapacity: true) }
        return hours
    }

    mutating func note(_ batch: borrowing EventBatch) {
        guard let earliest = batch.earliest, let latest = batch.latest else { return }
        let kind = batch.projection.kind
        let hour = 3600 * Timestamp.nanosecondsPerSecond
        let first = earliest.windowStart(length: hour)
        let last = latest.windowStart(length: hour)
        if first == last { return note(earliest, in: first, kind) }
        for row in 0..<batch.count { note(batch.time(row), in: batch.time(row).windowStart(length: hour), kind) }
    }

    private mutating func note(_ time: Timestamp, in hour: Timestamp, _ kind: EventKind) {
        let minute = time.windowStart(length: 60 * Timestamp.nanosecondsPerSecond)
        if let known = hours[kind]?[hour], known <= minute { return }
        hours[kind, default: [:]][hour] = minute
    }
}
