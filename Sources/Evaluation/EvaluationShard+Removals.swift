import Alerting
import TelemetryModel

/// Alerts that are open while nothing here judges them, because their objective, their policy or their monitor is gone.
///
/// **When they end.** During a rolling update members with former resources and members with new ones take turns at a shard, so what one
/// of them does not know may be known to the next. An alert that an evaluator misses the judge of gets an end in its state: the trusted clock,
/// or event time where that is further, and the removal delay on top. When event time comes to it, the evaluator that has the shard then
/// decides. Where it does not know the judge either it resolves the alert, dated with that end. Where it does the alert stays, and is said
/// again: an evaluator without the judge may have written the end into the feed and died before its state.
///
/// **Why by both clocks.** By the trusted clock alone an evaluator that is hours behind would date the end into its own future, and an alert
/// that opens again meanwhile would be taken for the older news. By event time alone one that catches up would pass the delay in a second.
///
/// **Why once.** The end is in the state before event time can reach it, so an evaluator that reads the log again resolves the alert at the same
/// event time. In the first form of records there is no state: each owner waits anew, and takes an end from the feed.
///
/// An objective that comes back while it burns opens a new incident.
extension EvaluationShard {
    /// How long open alerts whose judge is gone wait for it.
    package static let defaultRemovalDelayNanoseconds: Int64 = 900_000_000_000

    /// Open alerts that nothing in the kinds' states holds open are judged by nothing, though their resources are there. To be called when
    /// these and the alerts are restored.
    mutating func noteForgotten() {
        let open = alerts.open.map(\.transition.alert).filter { unjudged[$0.dedupKey] == nil }
        unjudged.merge(kinds.forgotten(of: open)) { $1 }
    }

    /// Gives each alert whose judge is missing its end, also in place of one that was judged already: that is not announced again.
    mutating func setRemovalEnds() {
        if unjudged.isEmpty { return }
        for standing in alerts.open {
            let alert = standing.transition.alert
            guard unjudged[alert.dedupKey] != nil, standing.endsAt.map({ !isDue($0, of: alert) }) ?? true else {
                continue
            }
            let reached = kinds.reached(judged, of: alert)
            let latest = [clock, reached].compactMap(\.self).reduce(alert.time, max)
            // People read it, so in whole seconds.
            let second = Timestamp.nanosecondsPerSecond
            let end = latest.advanced(by: removalDelayNanoseconds).advanced(by: second - 1).windowStart(length: second)
            setEnd(of: alert, at: end)
        }
    }

    /// Whether an end is still to come in what is announced from here on.
    private func isDue(_ end: Timestamp, of alert: Alert) -> Bool {
        announcedThrough.flatMap { kinds.reached($0, of: alert) }.map { end > $0 } ?? true
    }

    private mutating func setEnd(of alert: Alert, at end: Timestamp?) {
        alerts.setEnd(of: alert.dedupKey, at: end)
        areEndsChanged = true
    }

    /// Ends of alerts whose judge is still missing when event time has come to them.
    func removalEnds(through times: JudgedTimes) -> [AlertTransition] {
        if unjudged.isEmpty { return [] }
        return alerts.open.compactMap { standing in
            let alert = standing.transition.alert
            guard let end = standing.endsAt, let time = kinds.reached(times, of: alert), end <= time,
                let removal = unjudged[alert.dedupKey]
            else { return nil }
            return standing.transition.ended(by: removal, at: end)
        }
    }

    /// Takes the ends of alerts away whose judge is there when event time has come to them.
    ///
    /// - Returns: those that sinks know, each with the event time at which it was open.
    mutating func takeKept() -> [(transition: AlertTransition, time: Timestamp)] {
        var kept: [(transition: AlertTransition, time: Timestamp)] = []
        for standing in alerts.open {
            let alert = standing.transition.alert
            guard let end = standing.endsAt, unjudged[alert.dedupKey] == nil,
                let time = kinds.reached(judged, of: alert), end <= time
            else { continue }
            setEnd(of: alert, at: nil)
            if !standing.isPast { kept.append((standing.transition, time)) }
        }
        return kept
    }

    /// Alerts that are open and that nothing here judges any more, each with what is gone.
    package var unjudgedAlerts: [(standing: AlertStanding, removal: AlertRemoval)] {
        alerts.open.compactMap { standing in unjudged[standing.transition.alert.dedupKey].map { (standing, $0) } }
    }
}
