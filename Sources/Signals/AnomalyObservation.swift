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
    /// From 0 to 1; at least 0.5 exactly when flagged.
    public var score: Double
    /// The mean of the values before.
    public var mean: Double
    /// The standard deviation of the values before.
    public var deviation: Double
    /// `nil` where the monitor raises no alerts, too.
    public var alertChange: AlertChange?
    /// The window in which the alert that is open, or was resolved here, was opened.
    public var openedAt: Timestamp?

    static func without(_ verdict: Verdict, value: Double = .nan) -> AnomalyObservation {
        AnomalyObservation(verdict: verdict, value: value, score: 0, mean: .nan, deviation: .nan)
    }

    /// The direction, when flagged.
    public var direction: AnomalyDirection? {
        if case .flagged(let direction) = verdict { direction } else { nil }
    }
}

/// On which side of the mean a flagged value lies. Raw values are those of the published files.
public enum AnomalyDirection: String, Sendable, CaseIterable {
    case up = "+"
    case down = "-"
}
