import Accounting
import Alerting
import TelemetryModel

/// How long an entry of a shard's log has been under way, for metrics: beside the entry, and no part of what follows from it.
package struct EntryTimes: Sendable, Equatable {
    /// When the record was read by which its source passed the end of a slice.
    package let arrivedAt: Timestamp
    /// When the entry was written into the log.
    package let loggedAt: Timestamp

    package init(arrivedAt: Timestamp, loggedAt: Timestamp) {
        self.arrivedAt = arrivedAt
        self.loggedAt = loggedAt
    }
}

/// A transition as it goes into the feed: the alert's own record, and what is beside it.
package struct FeedAlert: Sendable, Equatable {
    package let transition: AlertTransition
    /// Of the evaluator that found it out.
    package let epoch: OwnerEpoch
    package let key: FeedKey
    /// It was found out longer than `maxAge` after its event time, and opens nothing in a sink.
    package let isPast: Bool
    /// Set where an alert is said a second time: it was still open at this event time. It was past when it opened, and event time has caught
    /// up with the clock; or an evaluator without what judges it may have published its end.
    package let openAt: Timestamp?
    /// Of the update by which it was judged.
    package var times: EntryTimes?

    package init(
        transition: AlertTransition, epoch: OwnerEpoch, key: FeedKey, isPast: Bool, openAt: Timestamp?,
        times: EntryTimes? = nil
    ) {
        self.times = times
        self.transition = transition
        self.epoch = epoch
        self.key = key
        self.isPast = isPast
        self.openAt = openAt
    }
}

/// How results are to be published.
package struct PublishingTerms: Sendable {
    package var epoch: OwnerEpoch
    /// In which form the shard's records are written: from the second on alerts have a state of their own, and the epoch in
    /// their keys.
    package var form: RecordForm
    /// The next offset of the shard's log.
    package var next: Int64
    /// What happened before is past; `nil` where nothing is.
    package var pastBefore: Timestamp?
    /// The state of the alerts is written whether it changed or not.
    package var isStateDue: Bool
    /// An owner before this one, which may have published what is judged now.
    package var former: OwnerEpoch?
    /// Records of former owners are taken back where this one has its own.
    package var takesBack = false

    package init(
        epoch: OwnerEpoch = OwnerEpoch(rawValue: 0), form: RecordForm = .first, next: Int64 = 0,
        pastBefore: Timestamp? = nil, isStateDue: Bool = false, former: OwnerEpoch? = nil
    ) {
        self.epoch = epoch
        self.form = form
        self.next = next
        self.pastBefore = pastBefore
        self.isStateDue = isStateDue
        self.former = former
    }

    func key(of dedupKey: DedupKey) -> FeedKey { FeedKey(dedupKey, epoch: form == .first ? nil : epoch.rawValue) }
}
