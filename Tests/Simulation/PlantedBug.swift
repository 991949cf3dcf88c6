/// A mistake made on purpose in what stands around the drivers, to show that the simulation finds it.
///
/// The drivers, the books and the restoration are the product's, and have no switch for any of these. So each is planted in
/// what a shell does with effects, in what it hands back, or in what the broker does.
///
/// Two mistakes lie within a driver now and are planted as near to it as possible. That windows go out beside the states that they
/// were fed to harms nobody any more (monitors are fed with rollups' windows, which are counted again); so windows go out beside
/// the *alerts* that were judged with them. And an evaluator reads nothing while it publishes, so a checkpoint of what was read
/// meanwhile is made from the log.
enum PlantedBug: String, CaseIterable {
    /// Updates are taken for acknowledged when they are sent, and so committed.
    case commitBeforeAcknowledge = "commit-before-acknowledge"
    /// A new owner begins one record after the point that the chains tell.
    case rangeOffByOne = "range-off-by-one"
    /// A window record says that it includes one entry of the log more than it does.
    case stampOffByOne = "stamp-off-by-one"
    /// The identities before the position are not read back.
    case noReadBackOfIdentities = "no-read-back-of-identities"
    /// All owners write under the same epoch.
    case noFence = "no-fence"
    /// An owner that finds its epoch claimed by another counts under it all the same.
    case sharedEpoch = "shared-epoch"
    /// The shards are read back before the claims are acknowledged.
    case readBackBeforeClaim = "read-back-before-claim"
    /// An owner that finds another's higher epoch claims a new lineage without asking the group.
    case lineageWithoutAsking = "lineage-without-asking"
    /// A claim of a new lineage takes over whoever came since the group was asked.
    case lineageOverUnseen = "lineage-over-unseen"
    /// Where to read back from is committed for owners that others have followed.
    case hintFromAcknowledgements = "hint-from-acknowledgements"
    /// A shard that was left behind is opened where the others' chains end, and not where they began.
    case openingAtEnds = "opening-at-ends"
    /// Restored window records are added to from the checkpoint on, whatever they include.
    case stampsIgnored = "stamps-ignored"
    /// The checkpoint goes beyond amounts that no published record holds.
    case checkpointBeyondOpenWindows = "checkpoint-beyond-open-windows"
    /// Window records are sent side by side with the alerts that were judged with them.
    case windowsBesideAlerts = "windows-beside-alerts"
    /// Windows and monitors' states are acknowledged before the alerts that they led to.
    case alertsLast = "alerts-last"
    /// A restart reads window records first and the checkpoint last.
    case checkpointReadLast = "checkpoint-read-last"
    /// A restart reads compacted topics to the end that they had when it began.
    case restoreStopsEarly = "restore-stops-early"
    /// The checkpoint is taken from what came while results were on their way.
    case checkpointOfUnpublished = "checkpoint-of-unpublished"
    /// Open alerts are brought back from the feed, in which compaction leaves one record of an alert, whoever wrote it last.
    case alertsFromFeed = "alerts-from-feed"
    /// A sink's member goes on without the log of what the sink was told.
    case notifierWithoutLog = "notifier-without-log"
    /// An entry of a newer release is skipped: nobody stops, and nothing says that it is missing.
    case unreadableEntrySkipped = "unreadable-entry-skipped"
    /// Updates and windows don't say by which definition was counted, and the definition changes.
    case definitionUnnamed = "definition-unnamed"
    /// The number of partitions of a topic of state is not looked at.
    case partitionsUnchecked = "partitions-unchecked"
    /// An owner does not tell again what it does not know of a source's state.
    case stateLostAtTakeover = "state-lost-at-takeover"
    /// Updates don't tell by which reading of the clock they were counted: who counts a range again judges it by the present one.
    case clockNotInTheUpdate = "clock-not-in-the-update"
    /// A member judges by the clock of its host, which may be off by an hour, and not by the broker's.
    case hostsClockBelieved = "hosts-clock-believed"
    /// An evaluator waits for all inputs, whatever reads them.
    case oneEventTime = "one-event-time"
    /// A judgement takes all that is counted by then, whenever it arrived.
    case arrivalsUnread = "arrivals-unread"
    /// What is restored of windows is taken for having arrived in time.
    case arrivalLostOnRestore = "arrival-lost-on-restore"
    /// An owner goes on from an idle mark as from the newest event time: what comes behind it is late.
    case idleMarkIsAnArrival = "idle-mark-is-an-arrival"
    /// A transition is dated by the end of the slice that was judged, and not by when it was decided.
    case datedBySlice = "dated-by-slice"

    /// From which it is found at once. `--search` looks for one.
    var seed: UInt64 {
        switch self {
        case .commitBeforeAcknowledge, .rangeOffByOne, .stampOffByOne, .checkpointOfUnpublished, .hostsClockBelieved,
            .oneEventTime, .arrivalsUnread, .datedBySlice:
            1
        case .noReadBackOfIdentities, .hintFromAcknowledgements, .stampsIgnored, .checkpointBeyondOpenWindows,
            .notifierWithoutLog, .definitionUnnamed, .stateLostAtTakeover:
            2
        case .noFence: 7
        case .arrivalLostOnRestore: 9
        case .alertsLast: 15
        case .idleMarkIsAnArrival: 21
        case .checkpointReadLast: 23
        case .readBackBeforeClaim: 10
        case .alertsFromFeed: 47
        case .restoreStopsEarly: 57
        case .partitionsUnchecked: 64
        case .windowsBesideAlerts: 139
        case .lineageWithoutAsking: 75
        case .unreadableEntrySkipped: 92
        case .lineageOverUnseen: 160
        case .sharedEpoch: 199
        case .openingAtEnds: 297
        case .clockNotInTheUpdate: 67
        }
    }
}
