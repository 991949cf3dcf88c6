import Evaluation
import LockFree
import Objectives
import Observability
import TelemetryModel
import Text

/// The newest snapshot of each shard that this process evaluates, for all who read.
///
/// The evaluating thread puts a new set in after each publication; a reader takes the set, which nobody changes. A shard that
/// moves away is not in the next set, and with it go its gauges.
package final class EvaluationReadings: Sendable {
    private let shards = SnapshotCell<[Int32: ShardSnapshot]>([:])

    /// What `tidewatch_slo_info` says of each objective's labels, by its name.
    private let infoLabels: [String: [(String, String)]]

    /// - Parameter objectives: whose labels are shown.
    package init(of objectives: [ServiceLevelObjective] = []) {
        infoLabels = Dictionary(
            objectives.map { ($0.name, InfoLabels.labels(of: $0.metadata.labels)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Any thread, without a lock.
    package var current: [Int32: ShardSnapshot] { shards.current }

    /// The evaluating thread alone.
    package func publish(_ snapshots: [Int32: ShardSnapshot]) { shards.publish(snapshots) }

    /// The gauges of what is evaluated here.
    package var samples: [MetricSample] {
        let snapshots = current.values
        if snapshots.isEmpty { return [] }
        let (histories, former) = snapshots.reduce((0, 0)) { ($0.0 + $1.histories, $0.1 + $1.formerHistories) }
        var samples = [
            MetricSample(.alertsOpen, Double(snapshots.reduce(0) { $0 + $1.openAlerts })),
            MetricSample(.objectiveHistories, [("state", "current")], Double(histories)),
            MetricSample(.objectiveHistories, [("state", "former")], Double(former)),
        ]
        // Shards whose sources were not all heard of hold back what is said to be closed.
        if let time = EvaluationReadings.closedBefore(in: snapshots) {
            samples.append(MetricSample(.watermark, Double(time.nanoseconds) / 1e9))
        }
        for groups in snapshots.lazy.flatMap(\.groupCounts) {
            let slo = ("slo", groups.objective)
            samples.append(MetricSample(.objectiveGroups, [slo, ("state", "kept")], Double(groups.kept)))
            samples.append(MetricSample(.objectiveGroups, [slo, ("state", "other")], groups.hasOther ? 1 : 0))
        }
        for snapshot in snapshots {
            for entry in snapshot.report.entries {
                let labels = infoLabels[entry.terms.name] ?? []
                samples += EvaluationReadings.samples(
                    of: entry, labels, parts: snapshot.selectorParts[entry.terms.name] ?? SelectorParts())
            }
        }
        return samples
    }

    static func closedBefore(in snapshots: some Collection<ShardSnapshot>) -> Timestamp? {
        let times = snapshots.map(\.closedBefore)
        return times.contains(nil) ? nil : times.compactMap(\.self).min()
    }

    private static func samples(
        of entry: SLOReport.Entry, _ infoLabels: [(String, String)], parts: SelectorParts
    ) -> [MetricSample] {
        let slo = ("slo", entry.terms.name)
        var samples = [
            MetricSample(.objectiveGood, [slo], Double(entry.good)),
            MetricSample(.objectiveTotal, [slo], Double(entry.total)),
            MetricSample(.inconsistentSlices, [slo], Double(entry.inconsistentSlices)),
            MetricSample(
                .objectiveTarget, [slo], Double(entry.terms.target.numerator) / Double(entry.terms.target.denominator)),
            MetricSample(
                .objectiveInfo,
                [slo, ("service", entry.terms.service), ("method", entry.terms.method.name)] + infoLabels, 1),
        ]
        if let remaining = entry.budget.remainingRatio.flatMap(Double.init) {
            samples.append(MetricSample(.objectiveBudget, [slo], remaining))
        }
        for rate in entry.burnRates {
            guard let value = rate.rate else { continue }
            let window = DurationText.text(rate.lookbackNanoseconds)
            samples.append(MetricSample(.objectiveBurnRate, [slo, ("window", window)], value))
        }
        // All of them, so that a status that ends is 0 and not the last value of a series that is gone.
        for status in SLOReport.Status.allCases {
            samples.append(
                MetricSample(
                    .objectiveStatus, [slo, ("status", status.rawValue)], status == entry.status ? 1 : 0))
        }
        let unmatched = Set(entry.warnings.compactMap(\.part))
        for part in parts.names {
            samples.append(
                MetricSample(.selectorUnmatched, [slo, ("part", part)], unmatched.contains(part) ? 1 : 0))
        }
        return samples
    }
}
