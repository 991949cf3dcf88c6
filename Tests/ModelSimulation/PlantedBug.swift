/// A mistake made on purpose in the threads around the state machines, to show that the simulation finds it.
enum PlantedBug: String, CaseIterable {
    /// Offsets are committed when the updates are sent.
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
    /// Where to read back from is taken from acknowledgements, and so from owners that others have followed.
    case hintFromAcknowledgements = "hint-from-acknowledgements"
    /// A shard that was left behind is opened where the others' chains end, and not where they began.
    case openingAtEnds = "opening-at-ends"
    /// Restored window records are added to from the checkpoint on, whatever they include.
    case stampsIgnored = "stamps-ignored"
    /// The checkpoint goes beyond amounts that no published record holds.
    case checkpointBeyondOpenWindows = "checkpoint-beyond-open-windows"
    /// Window records and monitors' states are sent side by side.
    case windowsBesideMonitors = "windows-beside-monitors"
    /// Monitors' states are acknowledged before the alerts that led to them.
    case alertsLast = "alerts-last"
    /// A restart reads window records first and the checkpoint last.
    case checkpointReadLast = "checkpoint-read-last"
    /// A restart reads compacted topics to the end that they had when it began.
    case restoreStopsEarly = "restore-stops-early"
    /// The checkpoint is taken from what was read while results were on their way.
    case checkpointOfUnpublished = "checkpoint-of-unpublished"

    /// Where the search begins: the rarest mistakes need hundreds of seeds, and are found at once from one that is known.
    var firstSeed: UInt64 {
        switch self {
        case .sharedEpoch: 735
        case .lineageOverUnseen: 9448
        case .restoreStopsEarly: 472
        case .openingAtEnds: 976
        case .windowsBesideMonitors: 1197
        default: 1
        }
    }
}
