import Signals
import Statistics
import Text

/// What a person reads of an anomaly, beside the sentence that its monitor has for it: why the alert opened or resolved.
struct AnomalySentences {
    let transition: AnomalyAlertTransition
    let windowNanoseconds: Int64

    var reason: String {
        let judgement = transition.judgement
        switch transition.cause {
        case .unusual:
            return "The value \(value(apartFrom: bound)) is unusual\(others == nil ? "" : " for a new group"): "
                + "\(shown(judgement.expected)) was expected, and \(usual) is usual\(others ?? "")."
        case .above(let limit):
            return "The value \(value(apartFrom: limit)) is above the limit of \(shown(limit))."
        case .below(let limit):
            return "The value \(value(apartFrom: limit)) is below the limit of \(shown(limit))."
        case .usual where judgement.isWarm: return "The value \(value()) is usual again: \(usual) is\(others ?? "")."
        case .usual: return "The value \(value()) is within the limits again."
        case .unjudged: return "There are too few other groups now to judge the value \(value()) of a new one."
        case .accepted(let windows):
            return "A lasting change: the value has been unusual for \(duration(windows)), and is \(value()) now. "
                + "This is taken as usual from now on; "
                + (others.map { "\(usual) is\($0)." } ?? "before, \(usual) was.")
        case .gone(let windows): return "No more records: there was none for \(duration(Int64(windows)))."
        case .valueless(let windows):
            return "No more records with a value: there was none for \(duration(Int64(windows)))."
        case .notShown(let windows):
            return
                "It was not among the groups that are kept for \(duration(Int64(windows))): whether there were records of it "
                + "is not known."
        }
    }

    /// `5 to 20`; one side of it where the monitor alerts of one alone: what counts things is never below 0, whatever is usual.
    private var usual: String {
        let (low, high) = (shown(transition.judgement.low), shown(transition.judgement.high))
        switch transition.direction {
        case .both: return low == high ? low : "\(low) to \(high)"
        case .up: return "up to \(high)"
        case .down: return "\(low) or more"
        }
    }

    /// Where a new group was judged against others.
    private var others: String? { transition.peers.map { " in \(SentenceNumber.counted($0, "other group"))" } }

    /// The end of what is usual that the value is beyond.
    private var bound: Double {
        transition.value > transition.judgement.expected ? transition.judgement.high : transition.judgement.low
    }

    private func value(apartFrom other: Double? = nil) -> String {
        SentenceNumber.rounded("\(transition.value)", apartFrom: other.map { "\($0)" })
    }

    private func shown(_ value: Double) -> String { SentenceNumber.rounded(value) }

    private func duration(_ windows: Int64) -> String {
        let (nanoseconds, overflow) = windows.multipliedReportingOverflow(by: windowNanoseconds)
        return overflow ? SentenceNumber.counted(windows, "window") : DurationText.text(nanoseconds)
    }
}
