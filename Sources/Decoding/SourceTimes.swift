import TelemetryModel

/// The time of records that have none of their own: that of the CloudWatch Logs event around them, else of the Kafka record.
///
/// One for a `MessageDecoder`, shared by its decoders, and used by the thread that uses them.
final class SourceTimes {
    /// The time of the Kafka record; `nil` where there is none, as in files.
    private(set) var record: Timestamp?

    /// The log events whose messages are one after another in a buffer: where each ends, and its time.
    private var events: [(end: Int, time: Timestamp?)] = []
    /// Where that buffer lies. Only compared with other addresses, never read through: records are handed on as parts of the
    /// buffer, and this is how a part is found again in the whole.
    private var bufferAddress: UInt = 0

    /// Times before this are none: 0 and -1 say "not set", a number in another unit than its field's falls into 1970 too,
    /// and AWS did not exist.
    static let earliest = Timestamp(nanoseconds: 31_536_000 * Timestamp.nanosecondsPerSecond)

    /// Whether a time that a record gives is in 1970 or before.
    @inline(__always)
    static func isUnset(_ time: Timestamp) -> Bool {
        time < earliest
    }

    func setRecord(_ time: Timestamp?) {
        record = time.flatMap { $0 < SourceTimes.earliest ? nil : $0 }
    }

    /// Notes that the buffer up to `end` holds the message of a log event of `time`, behind those noted before.
    func noteEvent(_ time: Timestamp?, endingAt end: Int) {
        events.append((end, time.flatMap { $0 < SourceTimes.earliest ? nil : $0 }))
    }

    /// Takes `buffer` as where the events noted are, which must stay in place until `forgetEvents`.
    func placeEvents(in buffer: RawSpan) {
        bufferAddress = SourceTimes.address(of: buffer)
    }

    func forgetEvents() {
        events.removeAll(keepingCapacity: true)
        bufferAddress = 0
    }

    /// The time for a record without one that begins at `offset` of `payload`; `nil` when nothing around it has a time.
    func time(of payload: RawSpan, at offset: Int) -> Timestamp? {
        time(at: SourceTimes.address(of: payload) &+ UInt(bitPattern: offset))
    }

    /// The same for the address of the record's first byte.
    func time(at address: UInt) -> Timestamp? {
        guard let last = events.last, address >= bufferAddress, address < bufferAddress &+ UInt(bitPattern: last.end)
        else { return record }
        let offset = Int(bitPattern: address &- bufferAddress)
        var (low, high) = (0, events.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if events[middle].end > offset { high = middle } else { low = middle + 1 }
        }
        return events[low].time ?? record
    }

    /// `time`, or where a record says 0 that of what is around it.
    ///
    /// Throws `missing_field` where there is none, and `out_of_range` for another time in 1970 or before.
    func checked(
        _ time: Timestamp, named name: StaticString, of payload: RawSpan, at offset: Int
    ) throws(RecordFault) -> Timestamp {
        guard SourceTimes.isUnset(time) else { return time }
        guard time.nanoseconds == 0 else {
            throw RecordFault(.outOfRange, SourceTimes.unitFault(name), at: offset)
        }
        guard let around = self.time(of: payload, at: offset) else {
            throw RecordFault(.missingField, SourceTimes.missingFault(name), at: offset)
        }
        return around
    }

    /// The same for metrics whose bytes were unpacked, so that no log event is known around them.
    func checked(_ time: Timestamp, named name: StaticString, at offset: Int) throws(MetricFault) -> Timestamp {
        guard SourceTimes.isUnset(time) else { return time }
        guard time.nanoseconds == 0 else {
            throw MetricFault(.outOfRange, SourceTimes.unitFault(name), at: offset)
        }
        guard let record else { throw MetricFault(.missingField, SourceTimes.missingFault(name), at: offset) }
        return record
    }

    private static func unitFault(_ name: StaticString) -> String {
        "\(name) is before 1971: not set, or in another unit than the format's"
    }

    private static func missingFault(_ name: StaticString) -> String {
        "\(name) is missing or 0, and no CloudWatch Logs event or Kafka record around it has a time"
    }

    private static func address(of bytes: RawSpan) -> UInt {
        unsafe bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
    }
}
