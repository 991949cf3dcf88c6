import Statistics
import TelemetryModel

/// What a monitor saw in one group of one window.
public struct AnomalyObservation: Sendable, Equatable {
    public enum Verdict: Sendable, Equatable {
        /// The value is missing, or no finite number; nothing was learnt from it.
        case noValue
        /// The window is not after the group's last one; nothing was learnt from it.
        case outOfOrder
        /// There are as many groups as a monitor keeps; this one is not watched.
        case untracked
        /// There were as many windows without a record of the group as are waited for: it is forgotten.
        case gone
        /// Too few values came before.
        case notWarm
        case normal
        case flagged(AnomalyDirection)
    }

    /// What happened to the group's alert.
    public enum AlertChange: Sendable, Equatable {
        case opened
        case resolved
    }

    public var verdict: Verdict
    /// The value watched; NaN where there is none.
    public var value: Double
    /// What the values before make of it; at a score of 0.5 or more it is flagged. A limit flags it whatever that is.
    public var judgement: Judgement
    /// So many other groups it was judged against, where too little is known of this one.
    public var peers: Int?
    /// `nil` where the monitor raises no alerts, too.
    public var alertChange: AlertChange?
    public var cause: AnomalyCause?
    /// The window in which the alert that is open, or was resolved here, was opened.
    public var openedAt: Timestamp?

    static func without(_ verdict: Verdict, value: Double = .nan) -> AnomalyObservation {
        AnomalyObservation(verdict: verdict, value: value, judgement: Judgement())
    }

    /// The direction, when flagged.
    public var direction: AnomalyDirection? {
        if case .flagged(let direction) = verdict { direction } else { nil }
    }
}

/// On which side of what is usual a flagged value lies. Raw values are those of the published files.
public enum AnomalyDirection: String, Sendable, CaseIterable {
    case up = "+"
    case down = "-"
}
