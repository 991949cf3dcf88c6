import Accounting

/// What the owner of a source partition tells of the source's state: all values that it has found, as they are where this release
/// does not know their names.
///
/// A former owner may have told shards of a point that others have not come to. Such a value waits until that is counted: in front of
/// its point it would include what is counted again.
struct OwnedState {
    private(set) var told = SourceState()
    /// Of these some values wait.
    private var found: [SourceState]
    private var records: CountedRecords?

    init(_ owner: PartitionOwner, tellsRecords: Bool) {
        found = owner.sourceStates
        pass(owner.position)
        if tellsRecords { records = CountedRecords(told, at: owner.position) }
    }

    /// Records up to `point` were counted.
    mutating func count(records count: Int, to point: SourcePoint) {
        pass(point)
        records?.count += Int64(count)
        // Where sixteen other names leave no place it is not told, and is begun anew by the next owner.
        if let records { try? told.set(CountedRecords.name, to: .init(through: point, text: records.text)) }
    }

    /// Everything before `point` is counted, or lost.
    mutating func pass(_ point: SourcePoint) {
        for state in found { told.take(from: state, through: point) }
        found.removeAll { !$0.goes(beyond: point) }
    }

    /// Records before `point` were lost.
    mutating func goOn(at point: SourcePoint) {
        if records != nil { records = CountedRecords(since: point) }
    }
}
