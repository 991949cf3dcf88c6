import SyntheticEstate
import TelemetryModel

/// What the sinks took, held against the feed: by PagerDuty's dedup keys and by the CloudEvents' ids.
struct PageChecks {
    private let cluster: Cluster
    private let topics: Topics
    private let receivers: PageReceivers
    private let journal: Journal

    init(_ cluster: Cluster, topics: Topics, receivers: PageReceivers, journal: Journal) {
        self.cluster = cluster
        self.topics = topics
        self.receivers = receivers
        self.journal = journal
    }

    /// Where what was taken until now is not what the feed says, and what of the estate's incidents the feed lacks.
    func differences(_ ledger: Ledger) throws -> [String] {
        let taken = receivers.all.map { ($0.sink, $0.taken.map(\.page)) }
        let (feed, alerts) = try cluster.feed(topics.alerts)
        return missing(ledger.incidents, alerts) + taken.flatMap { PageAccount($1, of: $0, against: feed).problems }
    }

    /// To be called while members are still there: what one finds out as it ends may stay for the next to send.
    func run(after interruptions: [Interruption], _ ledger: Ledger) throws {
        let taken = receivers.all.map { ($0, $0.taken) }
        let (feed, alerts) = try cluster.feed(topics.alerts)
        for problem in missing(ledger.incidents, alerts) { journal.problem(problem) }
        for (receiver, taken) in taken {
            let account = PageAccount(taken.map(\.page), of: receiver.sink, against: feed)
            for problem in account.problems { journal.problem(problem) }
            attribute(account, taken, to: interruptions, sink: receiver.sink)
            let answers = receiver.answers.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }
            journal.note(
                "\(receiver.sink.rawValue): \(account.opened) opened, \(account.closed) closed, "
                    + "\(account.repeats.count) repeated; answers: \(answers.joined(separator: ", "))")
        }
        journal.note(
            "of \(feed.records) transitions of \(feed.keys.count) alerts, through \(interruptions.count { $0.isKill }) kills and "
                + "\(interruptions.count { $0.isPause }) pauses")
    }

    /// The estate's incidents are meant to alert: without them all else would hold of a feed that is empty. One that comes while the alert of
    /// the one before it is open opens none of its own.
    private func missing(_ incidents: [ScheduledIncident], _ alerts: [OpenAlert]) -> [String] {
        // What comes last may not be judged yet.
        let last = incidents.map(\.end).max()
        return incidents.filter { $0.end.advanced(by: 300_000_000_000) < last ?? $0.end }.compactMap { incident in
            let component =
                switch incident.incident {
                case .zoneOutage: "checkout-\(incident.target)"
                case .portScan: "port-scan"
                case .failedSignIns: "failed-sign-ins"
                }
            let limit = incident.end.advanced(by: 600_000_000_000)
            let isThere = alerts.contains {
                $0.component == component && $0.from <= limit && $0.through.map { incident.start < $0 } ?? true
            }
            return isThere ? nil : "no alert of \(component) was open from \(incident.start) to \(limit)"
        }
    }

    /// Each repeat needs a kill, a pause or a lost session of its own: of who was answered before, and of the sender's alone.
    private func attribute(
        _ account: PageAccount, _ taken: [PageReceiver.Taken], to interruptions: [Interruption], sink: PageSink
    ) {
        var left = interruptions.filter { $0.concerns(sink) }
        for (place, of) in account.repeats {
            let (first, again) = (taken[of], taken[place])
            let cause = left.firstIndex { $0.explains(again, after: first) }
            if let cause {
                left.remove(at: cause)
            } else {
                journal.problem(
                    "\(sink.rawValue): \(again.page) of \(again.page.key) came again, from slot \(again.slot) after slot "
                        + "\(first.slot), and no kill explains it")
            }
        }
    }
}

extension Interruption {
    /// A request that was on its way when its sender was killed may arrive that much later.
    private static let arrivalMax = Duration.seconds(2)

    fileprivate func concerns(_ sink: PageSink) -> Bool { if case .loss(let of) = kind { of == sink } else { true } }

    fileprivate func explains(_ again: PageReceiver.Taken, after first: PageReceiver.Taken) -> Bool {
        guard let time else { return slot == first.slot }
        guard time <= again.arrived else { return false }
        if slot == first.slot { return time >= first.arrived - Self.arrivalMax }
        // Who was paused with a request on its way sends it when it goes on.
        return isPause && slot == again.slot
    }
}

/// An alert from its opening to its end, which is `nil` while it is open.
struct OpenAlert {
    let component: String
    let from: Timestamp
    var through: Timestamp?
}

extension Cluster {
    /// The alert feed, and what was open when.
    func feed(_ topic: String) throws -> (history: FeedHistory, alerts: [OpenAlert]) {
        var history = FeedHistory()
        var alerts: [OpenAlert] = []
        // By dedup key, the place of the newest.
        var newest: [String: Int] = [:]
        // An empty value takes a former owner's record back.
        for record in try records(topic) where !record.value.isEmpty {
            let json = try record.json()
            let place = "\(record.partition)@\(record.offset)"
            guard let key = json["dedup_key"] as? String, let status = json["status"] as? String,
                ["open", "resolved"].contains(status), let text = json["time"] as? String,
                let time = Timestamp(rfc3339: text)
            else { throw ChaosOptions.Problem(description: "\(place) is no transition of an alert") }
            let change = FeedHistory.Change(isOpen: status == "open", time: time)
            if record.isSaidAgain {
                history.sayAgain(change, of: key, at: place)
                continue
            }
            history.add(change, of: key, epoch: record.epoch, at: place)
            if status == "resolved" {
                if let place = newest[key], alerts[place].from < time { alerts[place].through = time }
            } else if let component = json["component"] as? String {
                newest[key] = alerts.count
                alerts.append(OpenAlert(component: component, from: time))
            }
        }
        return (history, alerts)
    }
}
