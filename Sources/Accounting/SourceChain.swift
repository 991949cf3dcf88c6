import TelemetryModel

/// What one shard has taken in of one source partition: a chain of updates in which each begins where the last ended.
///
/// This is the whole rule by which counts are exact. Every reader of a shard's log applies it to the same entries in the
/// same order, so all come to the same result:
///
/// 1. **Fence.** A claim of a higher epoch takes the chain over; an update counts only under the epoch that holds it. An
///    owner that was declared dead and still writes is void from the next owner's claim on, wherever its writes land. An
///    epoch has one owner: who claims one that the chain is in already counts nothing under it, see `contender(of:)`.
/// 2. **Once.** An update that ends at or before the chain's end says what is counted already, and is skipped.
/// 3. **Gapless.** An update counts only when it begins exactly where the chain ends. So nothing is left out, however
///    acknowledgements were lost or reordered.
///
/// What an update says is a function of the source's records between its two points. So by 2 and 3 the sum over a chain is
/// a function of the source up to its end, for any writers of the links.
public struct SourceChain<Amounts: Sendable>: Sendable {
    public enum Outcome: Sendable {
        /// The update is the chain's next link: add these amounts, all parts at once. `gapFrom` is set where entries before it
        /// were skipped on request: nothing between it and the update's begin is counted.
        case added([Amounts], gapFrom: SourcePoint?)
        /// A part of an update whose last part is still to come.
        case waits
        case skipped(SkipReason)
        /// Does not begin where the chain ends. An entry before it is missing from the log, because the broker lost it or
        /// refused it for good after the next one was sent, or a rule is broken: a reader must stop. The chain's state is
        /// what it was.
        case unconnected
    }

    public enum SkipReason: String, Sendable, CaseIterable {
        /// Written by an owner that another has followed.
        case superseded
        /// In the chain already.
        case repeated
        /// A part of an update whose first part lies before the beginning of the log, or was skipped on request.
        case beheaded
    }

    public private(set) var state: SourceChainState
    /// The epoch was claimed when the chain was in it already.
    private var isContested = false
    /// The parts of an update that is not complete.
    private var parts: [Amounts] = []
    private var partsOf: ClosedPoints?

    private struct ClosedPoints: Equatable {
        let from: SourcePoint?
        let to: SourcePoint
    }

    public init(_ state: SourceChainState = SourceChainState()) {
        self.state = state
    }

    /// Whether an update has begun and not ended; a checkpoint must not be here.
    public var isInsideUpdate: Bool { partsOf != nil }

    /// False when the claim comes from an owner that another has followed, or that did not know of another.
    @discardableResult
    public mutating func take(_ claim: Claim) -> Bool {
        if let epoch = state.epoch, claim.epoch <= epoch {
            if claim.epoch == epoch { isContested = true }
            return claim.epoch == epoch
        }
        if let superseded = claim.superseded, let epoch = state.epoch, epoch > superseded { return false }
        begin(claim.epoch)
        return true
    }

    /// In whose hands the chain is once a claim of `epoch` was read; `nil` when in the claimant's.
    ///
    /// It is `epoch` itself where that was claimed twice. A group that was deleted counts its generations anew, so an
    /// owner of before, who still writes, may hold the number that the group gives out now; from the log nobody can tell
    /// the two apart. Whoever claims second sees it, so of both at most the first counts under it. That a claim may be
    /// the claimant's own, sent a second time, does no harm: then it goes on under a higher epoch without need.
    public func contender(of epoch: OwnerEpoch) -> OwnerEpoch? {
        state.epoch == epoch && !isContested ? nil : state.epoch
    }

    private mutating func begin(_ epoch: OwnerEpoch) {
        state.epoch = epoch
        isContested = false
        dropParts()
    }

    public mutating func take(_ update: ChangelogUpdate<Amounts>) -> Outcome {
        let (before, wasContested) = (state, isContested)
        let outcome = outcome(of: update)
        // Its epoch must not fence off the owner either: who passes the entry over goes on with what the owner writes.
        if case .unconnected = outcome { (state, isContested) = (before, wasContested) }
        return outcome
    }

    private mutating func outcome(of update: ChangelogUpdate<Amounts>) -> Outcome {
        if let epoch = state.epoch, update.epoch < epoch { return .skipped(.superseded) }
        if state.epoch != update.epoch {
            // Its claim lies before the part of the log that is still there.
            begin(update.epoch)
        }
        var gapFrom: SourcePoint?
        if let through = state.through {
            if update.from == through, update.to == through {
                // Nothing was read: the partition says that it is still idle.
                state.progress = update.progress
                state.sourceState = update.state ?? state.sourceState
                state.isBroken = false
                return .added([], gapFrom: nil)
            }
            if update.to <= through { return .skipped(.repeated) }
            if update.from != through {
                guard state.isBroken, let from = update.from, from > through else { return .unconnected }
                gapFrom = through
            }
        }
        let points = ClosedPoints(from: update.from, to: update.to)
        if update.part == 0 {
            dropParts()
            partsOf = points
        } else if partsOf == points, update.part < parts.count {
            return .skipped(.repeated)
        } else if partsOf != points || update.part != parts.count {
            return partsOf == nil && (state.through == nil || state.isBroken) ? .skipped(.beheaded) : .unconnected
        }
        parts.append(update.amounts)
        if parts.count < update.parts { return .waits }
        let whole = parts
        dropParts()
        if state.through?.incarnation != update.to.incarnation { state.began = update.to }
        // Before the first update there is none; behind a hint's place it is not known until an update tells it.
        state.sourceState =
            update.state ?? (state.through == nil && update.from == nil ? SourceState() : state.sourceState)
        state.through = update.to
        state.progress = update.progress
        state.isBroken = false
        return .added(whole, gapFrom: gapFrom)
    }

    /// Goes on without an entry of this source that can't be read: the next update may begin further on, and says then what
    /// is missing.
    public mutating func passOver() {
        dropParts()
        state.isBroken = true
    }

    private mutating func dropParts() {
        parts = []
        partsOf = nil
    }
}

/// A chain's state.
public struct SourceChainState: Hashable, Sendable {
    public internal(set) var epoch: OwnerEpoch?
    /// Where counting began in the incarnation of `through`; `nil` where the log was read from further behind.
    public internal(set) var began: SourcePoint?
    /// Everything before it is counted; `nil` before the first update.
    public internal(set) var through: SourcePoint?
    public internal(set) var progress: SourceProgress
    /// `nil`: not known, which is not the same as none.
    public internal(set) var sourceState: SourceState?
    /// An entry was skipped on request, and no update has joined the chain since.
    public internal(set) var isBroken: Bool

    public init(
        epoch: OwnerEpoch? = nil, began: SourcePoint? = nil, through: SourcePoint? = nil,
        progress: SourceProgress = SourceProgress(), sourceState: SourceState? = nil, isBroken: Bool = false
    ) {
        self.epoch = epoch
        self.began = began
        self.through = through
        self.progress = progress
        self.sourceState = sourceState
        self.isBroken = isBroken
    }
}
