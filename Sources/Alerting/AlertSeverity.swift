/// How bad it is, the worst last.
public enum AlertSeverity: String, Sendable, CaseIterable, Comparable {
    case info, warning, error, critical

    public static func < (left: AlertSeverity, right: AlertSeverity) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        case .critical: 3
        }
    }
}

public enum AlertStatus: String, Sendable, CaseIterable {
    case open, resolved
}
