import Aggregation
import Alerting
import Objectives
import Records
import TelemetryModel

/// What a shard makes of one kind of resource: of SLOs, of anomaly monitors.
///
/// All that a shard, its restore, its publishing, a replay and the simulator know of the kinds is here: what a kind wants
/// counted, its judgements of every window and slice end that can change something, its states in the topics, and its alerts. What it means
/// is in the kind's own folder.
///
/// **Why a protocol and not an enum.** A shard holds one value of each kind and calls it for each update and each step of event time, never for an
/// event, so that what an enum would save is nothing; and a closed list of cases would have each call of this page written once more for each kind.
///
/// A kind is a value without clock or I/O, and what it says is a function of what it was given: the same log, or the same files, give the
/// same transitions.
package protocol EvaluatedKind: Sendable {
    /// The form of its states in the topic of checkpoints; `nil` where it has none there.
    static var stateRecord: (any StateRecord.Type)? { get }

    init(_ terms: EvaluationTerms)

    // MARK: What is counted

    /// The rollups whose windows it is shown, as indexes into the plan's.
    var rollups: Set<Int> { get }

    /// Slices are judged twice, by what had arrived; without this once. Called before anything is restored.
    ///
    /// - Parameter lateness: the longest of the inputs that may hold some kinds of event.
    mutating func judgeByArrival(lateness: (Set<EventKind>) -> Int64)

    /// Adds what was counted; what restored records include already is skipped.
    mutating func add(_ amounts: ChangelogAmounts, from origin: AmountsOrigin)

    /// Adds what a counter of files has counted of the plan's objectives, by their present definitions. Files are read once.
    ///
    /// - Parameter latenessNanoseconds: of the input that they are of; `nil` takes the longest of the inputs that are read.
    mutating func add(_ counted: [CountedSlices], latenessNanoseconds: Int64?)

    /// Remembers which records of a source had events of `kind` in an hour of event time.
    mutating func note(_ span: SourceSpan, kind: EventKind, hour: Timestamp)

    /// Remembers that records of a source were gone before they were read.
    mutating func note(_ gap: UnreadSpan, at time: Timestamp)

    // MARK: Judging

    /// How groups of rollup windows are told apart, by their values unless said otherwise here; called before the first window.
    mutating func tellGroupsApart(by identity: GroupIdentity)

    /// Makes all judgements that are due, with data or without, and forgets what is over.
    ///
    /// - Parameter clock: what lies in the past by event time and not by it is not forgotten.
    mutating func evaluate(through times: JudgedTimes, clock: Timestamp?) -> [AlertTransition]

    /// Is shown a rollup's window that is over. Each rollup's windows come in the order of time; those without any records don't.
    mutating func take(_ window: RollupWindow, rollup: Int) -> [AlertTransition]

    /// Event time has come to `time`: all windows of the rollup that end by then and had records were shown.
    mutating func pass(through time: Timestamp, rollup: Int) -> [AlertTransition]

    /// Nothing more is to come: judges all that is there.
    mutating func evaluateAll() -> [AlertTransition]

    // MARK: Its alerts

    /// The label that names the resource of an alert: what has it is an alert of this kind, whatever shard it belongs to, and whether its
    /// resource is there. No resource gives an alert a label of this name.
    static var label: String { get }

    /// The keys under which releases before this one may have announced what is this alert now.
    func formerKeys(of alert: Alert) -> [DedupKey]

    /// Of the times up to which a shard has judged, the ones that its judgements are dated by.
    static func reached(_ times: JudgedTimes) -> EventTimes

    /// Whether it is this shard that judges the alert; `nil` where nothing says which one does.
    func isOwn(_ alert: Alert) -> Bool?

    /// What the alert is judged by; `nil` where its resource isn't there.
    func eventKinds(of alert: Alert) -> Set<EventKind>?

    /// What the resource of the alert says of itself.
    mutating func description(of alert: Alert) -> ResourceDescription?

    /// Whether data of that time or later has not ended the alert, or a silence that goes on holds it open. Where none came otherwise, nothing
    /// says that it still burns: event time goes on by the clock there, and an alert of long ago would page for it.
    func isBurning(_ alert: Alert, since time: Timestamp, judgedThrough windows: EventTimes) -> Bool

    /// An open alert with what has to be found again with it after a restart.
    func completed(_ standing: AlertStanding) -> AlertStanding

    /// Whether what completes the open alerts changed since the last call.
    mutating func takeHasProgressed() -> Bool

    // MARK: Published, and restored

    /// The records that changed since the last call, and behind them those that take others back.
    mutating func takeRecords(_ owner: RecordOwner) -> [ResultRecord]

    /// Its histories of the plan's definitions, whose window records are to be read.
    var ledgers: [ObjectiveLedger] { get }

    /// Takes histories as they were restored, before anything is added.
    ///
    /// - Parameter former: of other definitions, and of what isn't known here; also other shards'.
    mutating func restore(_ ledgers: [ObjectiveLedger], former: [ObjectiveLedger])

    /// A window record was skipped on request.
    mutating func note(_ gap: UnreadSpan, of record: WindowRecord.Identity)

    /// Takes a state of its own as it was published; one of another kind is passed over.
    mutating func restore(_ record: any StateRecord)

    /// Takes an alert of its own that is open, so that it knows what there is to resolve, when its states are restored.
    ///
    /// - Returns: what is gone of what judges it; `nil` where it is there.
    mutating func restore(_ standing: AlertStanding) -> AlertRemoval?

    /// Those of some alerts of its own that nothing in its states holds open, though their resources are there, each with what is gone. Called
    /// when all is restored.
    func forgotten(of open: [Alert]) -> [DedupKey: AlertRemoval]

    /// Called when all is restored.
    mutating func finishRestoring(_ restored: RestoredShard)
}
