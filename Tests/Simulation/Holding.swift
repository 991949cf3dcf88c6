import Accounting
import Counting
import Records
import Statistics
import TelemetryModel

/// A source partition in the hands of a member: a shell around the product's `PartitionState`.
final class Holding {
    let partition: Int
    private let state: PartitionState
    private unowned let member: Member
    private var world: World { member.world }
    private let begin: Int64
    /// The offset to be read next.
    private var next: Int64
    private var incarnation: Int
    private var hasReachedEnd = false
    private(set) var isFlushed = false
    private let outlet: LetterOutlet
    /// In seconds: where no record is dated in the future, ranges last for minutes, and believe all.
    private static let clockAhead: Int64 = 86_400

    init(_ taken: TakenPartition, of member: Member) {
        let owner = taken.owner
        self.member = member
        partition = Int(owner.source.partition)
        begin = owner.position.offset
        incarnation = Int(owner.position.incarnation)
        let readFrom = member.world.bug == .noReadBackOfIdentities ? owner.position.offset : taken.readFrom
        next = readFrom
        outlet = LetterOutlet(member.world, partition: partition, incarnation: incarnation)
        let terms = PartitionState.Terms(
            plan: member.plan, shards: Estate.shards, lateHorizonNanoseconds: Estate.nanoseconds(Estate.horizonSeconds),
            idleTimeoutNanoseconds: Estate.nanoseconds(Estate.idleSeconds), tellsRecords: member.tellsRecords)
        state = PartitionState(
            owner, readFrom: readFrom, terms: terms,
            identities: DeliveredEvents(
                latest: EventIdentityWindow(offsetsMax: Int64(SourceLife.identityWindow), identitiesMax: 100)),
            sink: outlet, now: member.world.monotonic)
        member.say("counts p\(partition) from \(owner.position) as \(owner.epoch)")
    }

    /// The next small step. False when there is nothing to do.
    func advance() -> Bool {
        if member.mailbox.count >= Member.waitingMax { return false }
        let source = world.sources[partition]
        if source.life != incarnation || next < source.current.low {
            jump(source)
            return true
        }
        guard next < source.current.high else { return reachEnd(source.current.high) }
        if world.isDatedAhead, state.hasOldReading(at: world.monotonic) {
            member.put(flush())
            return true
        }
        defer { next += 1 }
        isFlushed = false
        hasReachedEnd = false
        guard let record = source.current.records[Int(next)] else { return true }
        seal(before: next)
        if world.bug == .rangeOffByOne, next == begin { return true }
        _ = state.count(
            record.bytes.span.bytes, offset: next, fingerprint: record.fingerprint,
            clock: { clock }, with: member.decoder, now: world.monotonic)
        member.say("reads p\(partition)/\(next)")
        return true
    }

    private var clock: Timestamp {
        let ahead = world.isDatedAhead ? 0 : Holding.clockAhead
        return member.clock.advanced(by: ahead * Timestamp.nanosecondsPerSecond)
    }

    private func seal(before offset: Int64) {
        while let boundary = state.boundary(before: offset) { member.put(flush(upTo: boundary)) }
    }

    private func reachEnd(_ end: Int) -> Bool {
        if hasReachedEnd { return false }
        hasReachedEnd = true
        isFlushed = false
        seal(before: Int64(end))
        state.reachEnd(at: Int64(end))
        return true
    }

    /// The broker has nothing at the position.
    private func jump(_ source: Source) {
        member.put(flush())
        let available = PartitionOwner.Available(
            low: Int64(source.current.low), high: Int64(source.current.high), isForeign: source.life != incarnation)
        let flushes = state.jump(to: available, sentThrough: 0)
        for flush in flushes { member.put(flush) }
        next = flushes.isEmpty ? max(Int64(source.current.low), state.readNext) : state.standing.next
        incarnation = source.life
        outlet.incarnation = incarnation
        hasReachedEnd = false
    }

    func flush(upTo boundary: Int64? = nil, released: ReleaseToken? = nil) -> PartitionFlush {
        isFlushed = true
        let source = world.sources[partition]
        if source.life == incarnation { state.seeEnd(at: Int64(source.current.high), asOf: world.monotonic) }
        return state.flush(
            now: world.monotonic, clock: member.clock, sentThrough: 0, upTo: boundary, released: released)
    }

    /// All that the partition has is counted and handed over.
    var isQuiet: Bool {
        let source = world.sources[partition]
        return isFlushed && incarnation == source.life && hasReachedEnd && Int(next) >= source.current.high
    }

    /// Time has passed: what it says of being idle is another.
    func stir() { isFlushed = false }
}
