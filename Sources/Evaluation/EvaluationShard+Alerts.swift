import Alerting
import Records
import TelemetryModel

/// The life of a shard's alerts: announced, published, said again, brought back.
///
/// What is announced is a function of the log's prefix. What depends on the clock, whether a transition is past and when it
/// is said again, is beside the transition in the feed and in the state, never in the transition.
extension EvaluationShard {
    mutating func announce(_ transitions: [AlertTransition]) {
        // One after the other: what ends an alert decides under which key the next one opens.
        for judged in AlertOrder.sorted(transitions) {
            for known in underKnownKeys(judged) {
                // What opens it judges it from now on.
                if known.alert.status == .open { unjudged[known.alert.dedupKey] = nil }
                guard isNew(known.alert) else { continue }
                if let transition = alerts.announce(kinds.described(known)) { announced.append((transition, times)) }
            }
        }
    }

    /// Whether a change of an alert waits to be published that is no earlier than `time`.
    package func announces(since time: Timestamp) -> Bool { announced.contains { $0.transition.alert.time >= time } }

    private func isNew(_ alert: Alert) -> Bool {
        // After a restart from a state slices and windows are judged again that were judged when it was written.
        if let time = announcedThrough.flatMap({ kinds.reached($0, of: alert) }), alert.time <= time { return false }
        // After one from the feed, which may be further than the windows. An alert's changes are in the order of event
        // time: what is not later changes nothing.
        if let last = restoredChanges[alert.dedupKey], alert.time <= last { return false }
        return true
    }

    /// The transition under the keys by which sinks know its alert: former ones as long as it is open under those.
    ///
    /// It may be open under several: while members of another release share the shards, or where what is one alert now was several. What ends
    /// ends for each.
    private func underKnownKeys(_ transition: AlertTransition) -> [AlertTransition] {
        let alert = transition.alert
        let known = kinds.formerKeys(of: alert).filter { former in
            alerts.isOpen(former) || restoredChanges[former].map { alert.time <= $0 } ?? false
        }
        if known.isEmpty { return [transition] }
        let renamed = known.map { former in
            var renamed = transition
            renamed.alert.dedupKey = former
            renamed.alert.openedAt = alerts.openedAt(former) ?? alert.openedAt
            return renamed
        }
        return alert.status == .resolved && alerts.isOpen(alert.dedupKey) ? renamed + [transition] : renamed
    }

    // MARK: Publishing

    /// What has to get into the feed and the state.
    struct AlertResults {
        var feed: [FeedAlert] = []
        var superseded: [FeedKey] = []
        var state: AlertState?
    }

    mutating func takeAlerts(_ terms: PublishingTerms) -> AlertResults {
        var results = AlertResults()
        for (transition, times) in announced {
            let isPast = terms.pastBefore.map { transition.alert.time < $0 } ?? false
            var alert = note(transition, terms, isPast: isPast, openAt: nil)
            alert.times = times
            results.feed.append(alert)
        }
        announced = []
        setRemovalEnds()
        for (transition, time) in takeKept() {
            results.feed.append(note(transition, terms, isPast: false, openAt: time))
        }
        if let pastBefore = terms.pastBefore {
            for standing in alerts.past {
                let alert = standing.transition.alert
                // Nor does that burn which nothing judges any more.
                guard unjudged[alert.dedupKey] == nil,
                    let time = kinds.reached(judged, of: alert), time >= pastBefore,
                    kinds.isBurning(alert, since: pastBefore, judgedThrough: judged.windows)
                else { continue }
                results.feed.append(note(standing.transition, terms, isPast: false, openAt: time))
            }
        }
        if terms.form == .first { return results }
        let hasProgressed = kinds.takeHasProgressed()
        if terms.isStateDue || hasProgressed || areEndsChanged || !results.feed.isEmpty {
            areEndsChanged = false
            results.state = AlertState(
                next: max(terms.next, restoredNext), judgedThrough: judged.windows,
                decidedThrough: judged.slices, open: alerts.open.map(kinds.completed), endings: alerts.endings)
        }
        // Behind the state, which still knows of them: a crash leaves it to a successor to take them back.
        if terms.takesBack { results.superseded = alerts.takeSuperseded(by: terms.epoch.rawValue) }
        return results
    }

    private mutating func note(
        _ transition: AlertTransition, _ terms: PublishingTerms, isPast: Bool, openAt: Timestamp?
    ) -> FeedAlert {
        let key = terms.key(of: transition.alert.dedupKey)
        alerts.note(transition, under: key, former: terms.form == .first ? nil : terms.former?.rawValue, isPast: isPast)
        return FeedAlert(transition: transition, epoch: terms.epoch, key: key, isPast: isPast, openAt: openAt)
    }

    // MARK: Restoring

    /// Takes the state of the shard's alerts; windows and states that were restored are no further than it is.
    package mutating func restore(_ state: AlertState) {
        restoredNext = state.next
        restoreJudged(by: state)
        isRestoredFromState = true
        for ending in state.endings {
            alerts.restore(ending)
            restoredChanges[ending.key] = ending.time
        }
        for standing in state.open { take(standing) }
        noteForgotten()
    }

    /// Takes an alert as the feed has it last, so that none is opened a second time: where there is no state yet.
    package mutating func takeOver(_ latest: AlertTransition, isPast: Bool = false, epochs: Set<Int64?> = []) {
        guard isOwn(latest.alert) else { return }
        let key = latest.alert.dedupKey
        switch latest.alert.status {
        case .open: take(AlertStanding(latest, isPast: isPast, epochs: epochs))
        case .resolved:
            alerts.restore(AlertEnding(key, time: latest.alert.time, epochs: epochs))
            restoredChanges[key] = latest.alert.time
        }
    }

    private mutating func take(_ standing: AlertStanding) {
        let alert = standing.transition.alert
        alerts.restore(standing)
        restoredChanges[alert.dedupKey] = alert.time
        unjudged[alert.dedupKey] = kinds.restore(standing)
    }

    /// Whether this shard judges the alert. Where nobody knows its series some shard has to have it.
    private func isOwn(_ alert: Alert) -> Bool {
        kinds.isOwn(alert) ?? (shards.shard(ofObjective: alert.dedupKey.text) == shard)
    }
}
