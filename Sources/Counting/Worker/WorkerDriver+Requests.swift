import Accounting

/// In which order a worker serves who asks for partitions.
extension WorkerDriver {
    /// Lets go of partitions, but for the one whose message is being counted, and takes new ones.
    ///
    /// - Parameter assigns: false inside a batch, which may hold records of a partition's former assignment: they would be
    ///   counted behind a gap.
    func serve(assigns: Bool, _ effects: inout [WorkerEffect]) {
        if pending.isEmpty { return }
        var left: [WorkerRequest] = []
        // What waits for something holds back what was asked later of the same partition.
        var held: Set<SourcePartition> = current.map { [$0.partition.state.source] } ?? []
        // One that went and came back since the poll: the batch may hold what its former assignment had read, from further on.
        var gone: Set<SourcePartition> = []
        for request in pending {
            if case .end(let source, let offset, let time) = request {
                partitions[source]?.state.seeEnd(at: offset, asOf: time)
                continue
            }
            if let partition = request.partition, !held.contains(partition) {
                switch request {
                case .assign(let taken) where assigns && !gone.contains(partition):
                    take(taken)
                    continue
                // The last flush of a partition needs a place in the ring.
                case .release(_, let token) where partitions[partition] == nil || flushes.room() > 0:
                    release(partition, token, &effects)
                    gone.insert(partition)
                    continue
                case .forget:
                    remove(partition)
                    gone.insert(partition)
                    continue
                case .assign, .release, .jump, .end, .stop: break
                }
            }
            left.append(request)
            if let partition = request.partition { held.insert(partition) }
        }
        pending = left
    }

    /// Serves what has to wait for the end of a batch.
    ///
    /// - Returns: whether the broker is asked about a gap; one at a time, so that there is room for what it says.
    func serveAfterBatch(_ effects: inout [WorkerEffect]) -> Bool {
        batchSources = []
        batch = []
        let waiting = pending
        pending = []
        var isStopping = false
        var isJumping = false
        for request in waiting {
            switch request {
            // A flush, and one for each range of a gap, which end where shards do.
            case .jump(let partition, let offsets) where !isJumping && flushes.room() > terms.partition.shards.count:
                isJumping = beginJump(of: partition, over: offsets, &effects)
            case .stop: isStopping = true
            case .assign, .release, .forget, .jump, .end: pending.append(request)
            }
        }
        guard isStopping else { return isJumping }
        // Behind a jump there may be more.
        serve(assigns: true, &effects)
        stop(&effects)
        return isJumping
    }

    /// Answers requests until the stop, flushing nothing.
    func answer(_ effects: inout [WorkerEffect]) {
        for request in pending {
            switch request {
            case .release(_, let token): effects.append(.reach(token))
            case .jump(let partition, _): effects.append(.refuseJump(partition))
            case .assign, .forget, .end: break
            case .stop:
                if phase != .stopped { stop(&effects) }
            }
        }
        pending = []
    }

    private func take(_ taken: TakenPartition) {
        let source = taken.owner.source
        guard let decoder = surroundings.decoder(source.topic) else { return }
        remove(source)
        let state = PartitionState(
            taken.owner, readFrom: taken.readFrom, terms: terms.partition,
            identities: surroundings.identities(source.topic), sink: surroundings.sink, watch: surroundings.watch,
            now: surroundings.now())
        state.bringBackEventTime(to: surroundings.clock())
        let partition = OwnedPartition(state, decoder: decoder, register: showRegister(of: state))
        partitions[source] = partition
        markDirty(partition)
    }

    /// Forgets what was counted of a partition since its last flush.
    func remove(_ source: SourcePartition) {
        guard let partition = partitions.removeValue(forKey: source) else { return }
        heldBytes &-= partition.state.heldBytes
        hideRegister(of: partition)
        // What the batch still has of it is its next owner's.
        for index in batch.indices where batch[index] === partition { batch[index] = nil }
    }

    private func release(_ source: SourcePartition, _ token: ReleaseToken, _ effects: inout [WorkerEffect]) {
        guard let partition = partitions[source] else { return effects.append(.reach(token)) }
        flush(partition, released: token)
        remove(source)
    }

    private func beginJump(
        of source: SourcePartition, over offsets: Range<Int64>, _ effects: inout [WorkerEffect]
    ) -> Bool {
        guard let partition = partitions[source] else {
            effects.append(.refuseJump(source))
            return false
        }
        flush(partition)
        let standing = partition.state.standing
        effects.append(.jump(source, over: offsets, countedTo: standing.next, tail: standing.tail))
        return true
    }

    /// Goes over what is lost, if it is.
    func jump(
        _ source: SourcePartition, over offsets: Range<Int64>, _ available: PartitionOwner.Available,
        _ effects: inout [WorkerEffect]
    ) {
        guard phase == .counting, let partition = partitions[source] else {
            return effects.append(.refuseJump(source))
        }
        let state = partition.state
        let jumps = state.jump(to: available, sentThrough: surroundings.sentThrough())
        for flush in jumps { hand(flush) }
        markDirty(partition)
        var gap: WorkerGap?
        if let first = jumps.first, let last = jumps.last, let cause = first.gap {
            gap = WorkerGap(cause: cause, from: first.range.from, to: last.range.to)
        }
        // Without a gap reading goes on where it was, which may be among records that are read back.
        let position = jumps.isEmpty ? max(offsets.lowerBound, state.readNext) : state.standing.next
        effects.append(.jumped(source, position: position, gap: gap))
    }
}
