import Alerting
import TelemetryModel

/// What was last considered of one alert for one sink, and what the sink was last told of it.
public struct NotificationEntry: Sendable, Equatable {
    public enum Said: String, Sendable, CaseIterable {
        /// Nothing, or nothing since it was last told that the alert is resolved.
        case nothing
        /// That it is open. Also where the sink refused it: an attempt before may have been taken.
        case open
        /// That it is resolved.
        case resolved
    }

    /// Event time at which the newest record that was considered said how the alert stands, and the epoch of the evaluator that published it.
    public var time: Timestamp
    public var epoch: Int64
    public var said: Said

    public init(time: Timestamp, epoch: Int64, said: Said) {
        self.time = time
        self.epoch = epoch
        self.said = said
    }

    /// Of the newest record that was considered. What said nothing to the sink counts as an end: an alert that opens at that moment
    /// is later, and if it is the one that said nothing, being past, it is so again.
    var revision: AlertRevision { AlertRevision(time: time, epoch: epoch, isOpen: said == .open) }
}

/// Why a transition is not sent.
public enum NotificationSilence: String, Sendable, CaseIterable {
    /// Not later than what was considered before: read again, or written late by an evaluator that was declared dead.
    case notLater = "not_later"
    /// It is open there already.
    case alreadyOpen = "already_open"
    /// Its end, and the sink was never told of its beginning.
    case notOpen = "not_open"
    /// It was found out longer than `maxAge` after its event time.
    case past = "past"
    /// It was sent by a release without this log, whose group had committed it.
    case saidBefore = "said_before"
}

/// What is done with a transition, and what the log holds of its key after that.
struct NotificationDecision: Equatable {
    /// Nil where it is sent.
    var silence: NotificationSilence?
    /// Nil where the log stays as it is.
    var entry: NotificationEntry?
}

extension NotificationEntry {
    /// What to do with a transition after what the log holds of its key.
    ///
    /// Feeds are compacted, restored, read again, and written late by owners that were declared dead. So the order of the
    /// topic decides nothing: only what is later than all before is news; see ``AlertRevision``.
    ///
    /// - Parameters:
    ///   - isPast: its age when it was found out is above what may page.
    ///   - wasSentBefore: the sink was told of it by a release without the log.
    static func decide(
        _ record: FeedRecord, after entry: NotificationEntry?, isPast: Bool, wasSentBefore: Bool
    ) -> NotificationDecision {
        let alert = record.transition.alert
        var next = NotificationEntry(time: record.asOf, epoch: record.epoch, said: entry?.said ?? .nothing)
        if let entry, record.revision <= entry.revision { return NotificationDecision(silence: .notLater) }
        func silent(_ silence: NotificationSilence) -> NotificationDecision {
            NotificationDecision(silence: silence, entry: next)
        }
        if wasSentBefore {
            next.said = alert.status == .open ? .open : .resolved
            return silent(.saidBefore)
        }
        switch alert.status {
        case .open:
            if next.said == .open { return silent(.alreadyOpen) }
            if isPast { return silent(.past) }
            next.said = .open
        case .resolved:
            if next.said != .open { return silent(.notOpen) }
            next.said = .resolved
        }
        return NotificationDecision(entry: next)
    }
}
