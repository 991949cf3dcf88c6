import TelemetryModel
import Text

/// Reads the forms in which CloudTrail writes `eventTime`, digits by their places, without a copy.
///
/// `2026-11-20T10:00:00Z` is what the format's reference says. Accepted besides: any fraction, any offset from UTC, a space
/// for the `T`, no zone at all (CloudTrail's times are UTC) and the compact form `20131102T010628Z`.
enum EventTime {
    enum Outcome: Equatable {
        case time(Timestamp)
        case malformed
        /// A date that exists and that a `Timestamp` can't hold.
        case outOfRange
    }

    static func parse(_ bytes: RawSpan, _ range: Range<Int>) -> Outcome {
        var reader = DigitReader(bytes, range)
        let year = reader.digits(4)
        let isCompact = !reader.take(0x2D)
        let month = reader.digits(2)
        if !isCompact { reader.expect(0x2D) }
        let day = reader.digits(2)
        if !reader.take(0x54), !reader.take(0x74) { reader.expect(0x20) }
        let hour = reader.digits(2)
        if !isCompact { reader.expect(0x3A) }
        let minute = reader.digits(2)
        if !isCompact { reader.expect(0x3A) }
        let second = reader.digits(2)
        let fraction = reader.take(0x2E) ? reader.fraction() : 0
        var offsetMinutes = 0
        if !reader.take(0x5A), !reader.take(0x7A), !reader.isAtEnd {
            let isWest = reader.take(0x2D)
            if !isWest { reader.expect(0x2B) }
            let hours = reader.digits(2)
            _ = reader.take(0x3A)
            let minutes = reader.digits(2)
            if hours > 23 || minutes > 59 { return .malformed }
            offsetMinutes = (isWest ? -1 : 1) * (hours * 60 + minutes)
        }
        guard reader.isValid, reader.isAtEnd, hour < 24, minute < 60, second <= 60,
            let date = CivilDate(year: year, month: month, day: day)
        else { return .malformed }
        let seconds = date.daysSinceEpoch * 86_400 + (hour * 60 + minute - offsetMinutes) * 60 + second
        guard let whole = Timestamp(seconds: Int64(seconds)) else { return .outOfRange }
        let (sum, overflow) = whole.nanoseconds.addingReportingOverflow(fraction)
        return overflow ? .outOfRange : .time(Timestamp(nanoseconds: sum))
    }
}

/// Digits and marks from left to right. What is not as expected makes it invalid, and stays so.
private struct DigitReader: ~Escapable {
    private let bytes: RawSpan
    private var place: Int
    private let end: Int
    private(set) var isValid = true

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan, _ range: Range<Int>) {
        self.bytes = bytes
        place = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { place >= end }

    @inline(__always)
    mutating func digits(_ count: Int) -> Int {
        guard place &+ count <= end else {
            isValid = false
            return 0
        }
        var value = 0
        for _ in 0..<count {
            let digit = bytes.byte(place) &- 0x30
            if digit > 9 { isValid = false }
            value = value &* 10 &+ Int(digit)
            place &+= 1
        }
        return value
    }

    @inline(__always)
    mutating func take(_ byte: UInt8) -> Bool {
        guard place < end, bytes.byte(place) == byte else { return false }
        place &+= 1
        return true
    }

    @inline(__always)
    mutating func expect(_ byte: UInt8) {
        if !take(byte) { isValid = false }
    }

    /// Nanoseconds; digits past the ninth are cut.
    mutating func fraction() -> Int64 {
        var value: Int64 = 0
        var scale: Int64 = 100_000_000
        let start = place
        while place < end, bytes.byte(place) &- 0x30 < 10 {
            value &+= Int64(bytes.byte(place) &- 0x30) &* scale
            scale /= 10
            place &+= 1
        }
        if place == start { isValid = false }
        return value
    }
}
