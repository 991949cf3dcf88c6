import Alerting
import Objectives

/// Dedup keys under which releases before this one may have announced what is one alert now.
enum FormerKey {
    /// The former keys of the condition that an alert's labels name; none where they don't name the one of its key, so that nothing
    /// is known of what made it.
    ///
    /// 0.1.0 hashed otherwise, see `DedupKey.Form`; and each burn rate of an objective's page or ticket was an alert of its own.
    static func keys(of alert: Alert) -> [DedupKey] {
        var labels = alert.labels
        if let objective = labels["objective"], let name = labels["alert"] {
            guard DedupKey(kind: "slo", name: "\(objective)/\(name)") == alert.dedupKey else { return [] }
            let names = ([name] + ObjectiveAlert.formerNames(of: name)).map { "\(objective)/\($0)" }
            return names.flatMap { name in
                [DedupKey.Form.sha256, .fowlerNollVo].map { DedupKey(kind: "slo", name: name, form: $0) }
            }.filter { $0 != alert.dedupKey }
        }
        guard let monitor = labels.removeValue(forKey: "monitor"),
            DedupKey(kind: "anomaly", name: monitor, labels: labels) == alert.dedupKey
        else { return [] }
        return [DedupKey(kind: "anomaly", name: monitor, labels: labels, form: .fowlerNollVo)]
    }
}
