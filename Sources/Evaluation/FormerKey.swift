import Alerting

/// Dedup keys as 0.1.0 made them: see `DedupKey.Form`.
enum FormerKey {
    /// The former key of the condition that an alert's labels name; `nil` where they don't name the one of its key, so that nothing
    /// is known of what made it.
    static func key(of alert: Alert) -> DedupKey? {
        var labels = alert.labels
        let (kind, name): (String, String)
        if let objective = labels["objective"], let policy = labels["alert"] {
            (kind, name, labels) = ("slo", "\(objective)/\(policy)", [:])
        } else if let monitor = labels.removeValue(forKey: "monitor") {
            (kind, name) = ("anomaly", monitor)
        } else {
            return nil
        }
        guard DedupKey(kind: kind, name: name, labels: labels) == alert.dedupKey else { return nil }
        return DedupKey(kind: kind, name: name, labels: labels, form: .fowlerNollVo)
    }
}
