import TelemetryModel

/// The header `Retry-After`: seconds, or a date as HTTP writes it.
///
/// Source: RFC 9110, 10.2.3 and 5.6.7. The two obsolete forms of dates are not read.
public enum RetryAfter {
    /// Nil for what is neither; 0 for a date that has passed.
    public static func seconds(_ text: String, now: Timestamp) -> Int64? {
        if let seconds = Int64(text), text.utf8.first != UInt8(ascii: "+") { return max(0, seconds) }
        guard let date = date(text) else { return nil }
        return max(0, date.seconds - now.seconds)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func date(_ text: String) -> Timestamp? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), let year = Int(words[3]),
            (1970...9999).contains(year), let month = months.firstIndex(of: String(words[2])),
            let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard clock.count == 3, let hour = clock[0], let minute = clock[1], let second = clock[2],
            (0..<24).contains(hour), (0..<60).contains(minute), (0...60).contains(second)
        else { return nil }
        return Timestamp(seconds: Int64(date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second))
    }
}
