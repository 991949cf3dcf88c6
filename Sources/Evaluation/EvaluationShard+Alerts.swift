import Alerting
import Planning
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
                var transition = descriptions.described(known)
                // An end is of what opened it, whatever other conditions its alert has.
                if let kind = alerts.kind(known.alert.dedupKey) { transition.alert.kind = kind }
                if alerts.apply(transition) { announced.append(transition) }
            }
        }
    }

    private func isNew(_ alert: Alert) -> Bool {
        // After a restart from a state slices and windows are judged again that were judged when it was written.
        if let announced = announcedThrough, let time = reached(announced.judged, announced.decided, of: alert),
            alert.time <= time
        {
            return false
        }
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
        let known = FormerKey.keys(of: alert).filter { former in
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
        for transition in announced {
            let isPast = terms.pastBefore.map { transition.alert.time < $0 } ?? false
            results.feed.append(note(transition, terms, isPast: isPast, openAt: nil))
        }
        announced = []
        setRemovalEnds()
        for (transition, time) in takeKept() {
            results.feed.append(note(transition, terms, isPast: false, openAt: time))
        }
        if let pastBefore = terms.pastBefore {
            for standing in alerts.past {
                let alert = standing.transition.alert
                guard let time = reached(judgedThrough, decidedThrough, of: alert), time >= pastBefore,
                    isBurning(alert, since: pastBefore)
                else { continue }
                results.feed.append(note(standing.transition, terms, isPast: false, openAt: time))
            }
        }
        if terms.form == .first { return results }
        let hasBurnt = objectives.takeHasBurnt()
        if terms.isStateDue || hasBurnt || areEndsChanged || !results.feed.isEmpty {
            areEndsChanged = false
            results.state = AlertState(
                next: max(terms.next, restoredNext), judgedThrough: judgedThrough, decidedThrough: decidedThrough,
                open: alerts.open.map(withBurningEnd), endings: alerts.endings)
        }
        // Behind the state, which still knows of them: a crash leaves it to a successor to take them back.
        if terms.takesBack { results.superseded = alerts.takeSuperseded(by: terms.epoch.rawValue) }
        return results
    }

    private func withBurningEnd(_ standing: AlertStanding) -> AlertStanding {
        let labels = standing.transition.alert.labels
        guard let objective = labels["objective"], let alert = labels["alert"] else { return standing }
        var standing = standing
        standing.burningEnd = objectives.burningEnd(objective: objective, alert: alert) ?? standing.burningEnd
        return standing
    }

    /// Whether data of that time or later has not ended the alert, or a silence that goes on holds it open. Where none came otherwise, nothing says
    /// that it still burns: event time goes on by the clock there, and an alert of long ago would page for it. Nor does what nothing
    /// judges any more.
    private func isBurning(_ alert: Alert, since time: Timestamp) -> Bool {
        if unjudged[alert.dedupKey] != nil { return false }
        if let objective = alert.labels["objective"] {
            if let end = objectives.dataEnd(of: objective), end >= time { return true }
            guard let judged = judgedThrough.least(of: kinds(of: alert)), let name = alert.labels["alert"] else {
                return false
            }
            return objectives.isHeldBySilence(alert: name, of: objective, at: judged)
        }
        guard let monitor = monitor(of: alert) else { return false }
        if let end = newestWindows[monitor.rollup], end >= time { return true }
        return monitors.isHeldByAbsence(group(of: alert, monitor), of: monitor.definition.name, since: time)
    }

    private mutating func note(
        _ transition: AlertTransition, _ terms: PublishingTerms, isPast: Bool, openAt: Timestamp?
    ) -> FeedAlert {
        let key = terms.key(of: transition.alert.dedupKey)
        alerts.note(transition, under: key, former: terms.form == .first ? nil : terms.former?.rawValue, isPast: isPast)
        return FeedAlert(transition: transition, epoch: terms.epoch, key: key, isPast: isPast, openAt: openAt)
    }

    // MARK: Restoring

    /// Takes the state of the shard's alerts; windows and monitors that were restored are no further than it is.
    package mutating func restore(_ state: AlertState) {
        restoredNext = state.next
        restoreJudged(by: state)
        isRestoredFromState = true
        for ending in state.endings {
            alerts.restore(ending)
            restoredChanges[ending.key] = ending.time
        }
        for standing in state.open { take(standing) }
        noteResetMonitors()
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
        guard let objective = alert.labels["objective"] else {
            unjudged[alert.dedupKey] = removal(ofMonitorOf: alert)
            return
        }
        let isJudged = alert.labels["alert"].map {
            objectives.restoreFiring(
                objective: objective, alert: $0, since: alert.openedAt, burningEnd: standing.burningEnd)
        }
        unjudged[alert.dedupKey] = isJudged == true ? nil : removal(of: objective, judging: alert)
    }

    /// Whether the alert's objective, or its monitor's series, belongs to this shard.
    private func isOwn(_ alert: Alert) -> Bool {
        if let objective = alert.labels["objective"] { return shards.shard(ofObjective: objective) == shard }
        guard let monitor = monitor(of: alert) else {
            // Of a monitor that is gone nobody knows the series: some shard has to have it.
            return shards.shard(ofObjective: alert.dedupKey.text) == shard
        }
        let rollup = plan.rollups[monitor.rollup].plan.definition.name
        return shards.shard(ofRollup: rollup, group: group(of: alert, monitor)) == shard
    }

    /// A label is empty where the group's column has no value.
    private func group(of alert: Alert, _ monitor: PipelinePlan.Monitor) -> [String?] {
        monitor.plan.groupColumns.map { name in alert.labels[name].flatMap { $0.isEmpty ? nil : $0 } }
    }

    /// How far the alert's judge is: by the one time what judges windows, by the other what judges objectives' slices.
    func reached(_ judged: EventTimes, _ decided: EventTimes, of alert: Alert) -> Timestamp? {
        (alert.labels["objective"] == nil ? judged : decided).least(of: kinds(of: alert))
    }

    /// What the alert is judged by; every kind where nothing judges it.
    func kinds(of alert: Alert) -> Set<EventKind> {
        let kinds =
            if let objective = alert.labels["objective"] {
                objectives.kinds(of: objective)
            } else {
                monitor(of: alert).map { Set([plan.rollups[$0.rollup].plan.definition.source]) }
            }
        return kinds ?? Set(EventKind.allCases)
    }

    func monitor(of alert: Alert) -> PipelinePlan.Monitor? {
        plan.monitors.first { $0.definition.name == alert.labels["monitor"] }
    }
}
