import Alerting
import TelemetryModel

/// 2026-11-20T10:00:00Z plus so many minutes.
func at(_ minutes: Int64) -> Timestamp {
    Timestamp(nanoseconds: 1_795_168_800_000_000_000 + minutes * 60_000_000_000)
}

func burnRate(isFiring: Bool = true, time: Timestamp = at(5), alert: String = "page") -> AlertTransition {
    .objective(
        AlertTransition.ObjectiveRule(
            objective: "checkout", service: "shop", alert: alert, severity: .critical, target: "0.999",
            confidence: "0.999", keepFiringFor: "5m"), isFiring: isFiring, time: time, openedAt: at(5),
        findings: [
            .burnRate(
                factor: "14.4", long: .init(name: "1h", rate: "20.5", good: 98, total: 100),
                short: .init(name: "5m", rate: "100", good: 9, total: 10),
                outlook: BudgetOutlook(left: "0.9", isGone: false, goneIn: 90_000_000_000_000))
        ])
}

func transition(
    key: DedupKey = DedupKey(kind: "anomaly", name: "ports"), status: AlertStatus = .open,
    summary: String = "Port scan", time: Timestamp = at(0)
) -> AlertTransition {
    AlertTransition(
        alert: Alert(
            dedupKey: key, severity: .warning, status: status, summary: summary, source: "eni-1", time: time,
            openedAt: time), reason: "40 ports")
}
