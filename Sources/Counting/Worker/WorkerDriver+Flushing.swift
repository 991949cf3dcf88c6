import Accounting

/// When a worker flushes, and when it has to wait.
extension WorkerDriver {
    /// How many flushes may wait until reading waits too.
    private var waitingMax: Int { min(flushes.capacity, partitions.count + WorkerDriver.flushesWaitingMax) }

    /// Whether a full partition may be flushed now. What may not stays where it is, and no further message is counted before.
    package var hasRoom: Bool { flushes.count() < waitingMax && bytesOnTheirWay <= terms.onTheirWayBytesMax }

    func flush(
        _ partition: OwnedPartition, upTo boundary: Int64? = nil, released: ReleaseToken? = nil,
        forgettingGroups: Bool = false
    ) {
        let state = partition.state
        if partition.isPastEnd {
            partition.isPastEnd = false
            pastEnds.removeAll { $0 === partition }
        }
        let heldBefore = state.heldBytes
        let flush = state.flush(
            now: surroundings.now(), clock: surroundings.clock(), sentThrough: surroundings.sentThrough(),
            upTo: boundary, released: released, forgettingGroups: forgettingGroups)
        heldBytes &+= state.heldBytes &- heldBefore
        markDirty(partition)
        hand(flush)
    }

    /// Ends ranges where they have to end before anything at `offset` is counted.
    ///
    /// - Returns: false where there is no room for that.
    @inline(__always)
    func passBoundaries(of partition: OwnedPartition, before offset: Int64) -> Bool {
        while let boundary = partition.state.boundary(before: offset) {
            guard hasRoom else { return false }
            flush(partition, upTo: boundary)
        }
        return true
    }

    /// Hands over what there is too much of: of partitions that are nearly full, and of all, each of which alone has not too much.
    ///
    /// - Returns: false where there is no room for that.
    func relieve() -> Bool {
        isOverdue = true
        let isTooMuch = heldBytes >= terms.heldBytesMax
        for (_, partition) in partitions.sorted(by: { $0.key < $1.key })
        where partition.state.isNearlyFull || isTooMuch && partition.state.heldBytes > 0 {
            guard hasRoom else { return false }
            flush(partition, forgettingGroups: true)
        }
        isOverdue = false
        return true
    }

    /// Looks which partitions of the batch have passed an end at which something is judged.
    func notePastEnds() {
        for case let partition? in batch
        where !partition.isPastEnd && partition.state.looksPastEnds(at: batchBegan) {
            partition.isPastEnd = true
            pastEnds.append(partition)
        }
    }

    /// Flushes these at once, so that what is judged there does not wait for the interval: once for each end, `promptFlushesMax` times in an
    /// interval, and not where the end is so far behind the clock that a page would be past.
    func flushPastEnds() {
        if pastEnds.isEmpty { return }
        let recent = surroundings.clock().advanced(by: -terms.promptAgeNanoseconds)
        pastEnds.removeAll { partition in
            let isOwned = partitions[partition.state.source] === partition
            guard isOwned, let end = partition.state.passedEnd?.end, end >= recent else {
                partition.isPastEnd = false
                return true
            }
            if partition.promptFlushes.since != lastFlush { partition.promptFlushes = (0, lastFlush) }
            guard partition.promptFlushes.count < WorkerDriver.promptFlushesMax, hasRoom else { return false }
            partition.promptFlushes.count += 1
            partition.isPastEnd = false
            totals.promptFlushes.add(1)
            flush(partition)
            return true
        }
    }

    /// Flushes all partitions every `flushInterval`, or more seldom where there is much to say and that takes long: what is counted
    /// meanwhile is told in one.
    func flushWhenDue() {
        let now = surroundings.now()
        if isFlushing, let end = flushEnd, isPublished(end) {
            isFlushing = false
            flushWait = terms.flushInterval
            if isLarge(since: flushStart, end) {
                flushWait = max(
                    flushWait, min((now - lastFlush) * WorkerDriver.flushShare, WorkerDriver.flushIntervalMax))
            }
        }
        // While the publisher waits for acknowledgements, counting goes on: the next flush says it in one.
        let isUnderWay = isFlushing && isLarge(since: flushStart, handedBytes)
        let wait = isUnderWay ? max(flushWait, WorkerDriver.flushIntervalMax) : flushWait
        if now - lastFlush >= wait, due.isEmpty, flushes.count() == 0, bytesOnTheirWay <= terms.onTheirWayBytesMax {
            lastFlush = now
            isFlushing = true
            (flushStart, flushEnd) = (handedBytes, nil)
            let own = current?.partition.state.source
            due = (partitions.keys.filter { $0 != own }.sorted() + [own].compactMap(\.self))[...]
        }
        // What was counted of a message so far is no flush's: its partition waits for the message's end.
        while let source = due.first, flushes.room() > 0, source != current?.partition.state.source {
            due.removeFirst()
            if let partition = partitions[source] { flush(partition) }
        }
        if isFlushing, flushEnd == nil, due.isEmpty { flushEnd = handedBytes }
    }

    /// Whether it is the work that takes long, and not the machine or the broker.
    private func isLarge(since start: UInt64, _ end: UInt64) -> Bool { end &- start >= UInt64(terms.largeFlushBytes) }

    /// Asks for the ends of partitions that are quiet, as often as what they are called idle by stays new enough.
    func askForEnds(_ effects: inout [WorkerEffect]) {
        let now = surroundings.now()
        guard now - lastQuestion >= .nanoseconds(terms.partition.idleTimeoutNanoseconds / 2) else { return }
        lastQuestion = now
        let quiet = partitions.filter { $0.value.state.asksForEnd(at: now) }.keys.sorted()
        if !quiet.isEmpty { effects.append(.askForEnds(quiet)) }
    }

    /// Decides whether reading has to wait.
    func noteHeldUp(_ effects: inout [WorkerEffect]) {
        let waiting = flushes.count()
        let now = surroundings.now()
        let isHeldUp =
            isOverdue && !hasRoom
            || waiting > 0
                && (waiting >= waitingMax || now - lastFlush >= flushWait + WorkerDriver.flushPatience)
        if isHeldUp != self.isHeldUp {
            self.isHeldUp = isHeldUp
            effects.append(.pause(isHeldUp))
            heldUpSince = isHeldUp ? now : nil
        }
        // A last flush that is on its way while partitions are given back is no trouble.
        if let since = heldUpSince, now - since >= WorkerDriver.heldUpQuietly {
            effects.append(.warnOfPause)
            heldUpSince = nil
        }
    }
}
