import TelemetryModel
import Text

/// The span of event time over which compliance is judged.
///
/// How much it covers is asked of it at a time, and nobody reads a length out of one: of the kinds that there may be, some are as long as
/// their month is in a time zone, which the case holds.
public enum ComplianceWindow: Sendable, Equatable {
    /// Slides with event time.
    case rolling(nanoseconds: Int64)

    /// As records and reports write it: `30d`. `nil` for what is no window, or one shorter than a second.
    init?(_ text: String) {
        guard let nanoseconds = try? DurationText.nanoseconds(text), nanoseconds >= SliceGrid.lengthNanosecondsMin
        else { return nil }
        self = .rolling(nanoseconds: nanoseconds)
    }

    /// As records and reports write it.
    public var text: String {
        switch self {
        case .rolling(let nanoseconds): DurationText.text(nanoseconds)
        }
    }

    /// The event time that is covered by the window in which the instant before `time` lies, as far as `time`.
    func range(at time: Timestamp) -> Range<Timestamp> {
        switch self {
        case .rolling(let nanoseconds): time.advanced(by: -nanoseconds)..<time
        }
    }

    /// The first instant whose window holds nothing of what ended at `time`.
    func end(of time: Timestamp) -> Timestamp {
        switch self {
        case .rolling(let nanoseconds): time.advanced(by: nanoseconds)
        }
    }

    /// The first instant after `time` at which the window begins anew and what was spent is forgotten at once; `nil` for one that
    /// slides, which forgets slice by slice.
    func nextBoundary(after time: Timestamp) -> Timestamp? {
        switch self {
        case .rolling: nil
        }
    }

    /// The window in which the instant before `time` lies with what is to come of it.
    func whole(at time: Timestamp) -> Range<Timestamp> {
        let range = range(at: time)
        return range.lowerBound..<(nextBoundary(after: time.advanced(by: -1)) ?? range.upperBound)
    }

    /// How long one is, as it is called: what is recommended for 30 days, such as the look-backs of alerts, is scaled by it. What a
    /// window covers is `range(at:)`.
    public var nominalNanoseconds: Int64 {
        switch self {
        case .rolling(let nanoseconds): nanoseconds
        }
    }
}
