/// How an objective's slices are judged by what had arrived: provisionally when event time has come to their end, and finally the
/// longest lateness later.
///
/// Lateness is rounded up to whole slices: an arrival is known by its slice, and nothing is decided within one.
public struct JudgementTerms: Sendable, Equatable {
    /// The longest `allowedLateness` of the inputs that the objective reads.
    public let latenessNanoseconds: Int64
    /// Whether good and total come from the same records: what is to come is taken to be like what came, so that a burn rate may open
    /// an alert before the final judgement.
    public let opensProvisionally: Bool

    public init(latenessNanoseconds: Int64, opensProvisionally: Bool) {
        self.latenessNanoseconds = latenessNanoseconds
        self.opensProvisionally = opensProvisionally
    }
}

/// Records that are missing in judgements of before.
public struct UnjudgedRecords: Sendable, Equatable {
    /// They came after judgements that they would have been in, as an idle mark had let event time pass.
    public internal(set) var missed: Int64 = 0
    /// They count as arrived later than they did, because so much was kept apart.
    public internal(set) var merged: Int64 = 0

    public init() {}

    public static func += (left: inout UnjudgedRecords, right: UnjudgedRecords) {
        left.missed = left.missed.saturatingAdding(right.missed)
        left.merged = left.merged.saturatingAdding(right.merged)
    }
}

/// Which judgement, and so what it leaves out.
struct JudgementView: Sendable, Equatable {
    /// The judged slice's end, as the number of the slice that begins there.
    let endSlice: Int64
    let isFinal: Bool

    /// Whether the judgement takes what arrived so.
    func takes(_ counts: LaterCounts) -> Bool { counts.arrival < endSlice + (isFinal ? counts.lateness : 0) }
}

/// Counts of a slice that arrived when it was over.
struct LaterCounts: Sendable, Equatable {
    let slice: Int64
    /// The slice in which they arrived; behind `slice`.
    let arrival: Int64
    /// Of their input, in slices.
    let lateness: Int64
    /// Signed, as in a delta.
    var counts: SliceCounts
    /// What sums are beside whole numbers.
    var rest = SliceFraction()

    /// How many arrivals of a slice and a lateness are kept apart: two hours of minutes.
    static let arrivalsMax = 120

    mutating func add(_ delta: SliceDelta) {
        counts = counts.adding(delta)
        guard let fraction = delta.fraction else { return }
        rest = rest + fraction
        let whole = rest.takeWhole()
        counts = counts.adding(SliceDelta(start: delta.start, good: whole.good, total: whole.total))
    }

    static func comesBefore(_ left: LaterCounts, _ right: LaterCounts) -> Bool {
        (left.slice, left.lateness, left.arrival) < (right.slice, right.lateness, right.arrival)
    }
}
