import Accounting
import Decoding
import Records
import TelemetryModel
import TestObjectives

@testable import Counting
@testable import Planning

/// A partition's state with what its worker has around it.
final class CountedPartition {
    static let source = SourcePartition(topic: "t", partition: 3)
    static let clock = Timestamp(nanoseconds: 1_768_478_400_000_000_000)

    let state: PartitionState
    /// What is read of the clock from now on.
    var clock = CountedPartition.clock
    let shards: ShardMap
    let sink = MemorySink()
    private let decoder: DecoderBox
    private let rows = MessageRows()

    /// - Parameter chains: the offsets up to which the shards have counted the partition before.
    convenience init(
        chains: [Int64] = [0], state: SourceState? = nil, readFrom: Int64? = nil, identities: DeliveredEvents? = nil,
        watch: MessageWatch? = nil, tellsRecords: Bool = false, form: RecordForm = .first
    ) throws {
        try self.init(
            states: chains.map { SourceChainState(through: SourcePoint(offset: $0), sourceState: state) },
            readFrom: readFrom, identities: identities, watch: watch, tellsRecords: tellsRecords, form: form)
    }

    init(
        states: [SourceChainState], readFrom: Int64? = nil, identities: DeliveredEvents? = nil,
        watch: MessageWatch? = nil, tellsRecords: Bool = false, form: RecordForm = .first
    ) throws {
        let plan = try CallsObjective.failuresAndNames(form: form)
        let owner = PartitionOwner.resume(
            source: Self.source, epoch: OwnerEpoch(generation: 7),
            chains: states,
            available: .init(low: 0, high: 1000), start: 0
        ).owner
        shards = ShardMap(count: states.count)
        let terms = PartitionState.Terms(
            plan: plan, shards: shards, lateHorizonNanoseconds: 3600 * Timestamp.nanosecondsPerSecond,
            idleTimeoutNanoseconds: 60 * Timestamp.nanosecondsPerSecond, tellsRecords: tellsRecords)
        state = PartitionState(
            owner, readFrom: readFrom ?? owner.position.offset, terms: terms, identities: identities,
            sink: sink, watch: watch, now: .zero)
        decoder = DecoderBox(MessageDecoder(format: .cloudTrail, projections: plan.projections))
    }

    /// Counts one message.
    @discardableResult
    func count(_ lines: String..., at offset: Int64, now: Duration = .zero) -> Bool {
        let bytes = Array(lines.joined(separator: "\n").utf8)
        return state.count(
            bytes.span.bytes, offset: offset, fingerprint: Self.fingerprint(offset, bytes.count), clock: { self.clock },
            with: decoder, now: now)
    }

    /// Counts messages from `offset` on as one run, where that is done.
    func countRun(_ messages: [String], at offset: Int64) -> Bool {
        let offsets = offset...offset + Int64(messages.count) - 1
        guard state.takesRun(offsets, now: .zero) else { return false }
        return state.countRun(rows, clock: { self.clock }, with: decoder, now: .zero) { count in
            for (number, message) in messages.enumerated() {
                let bytes = Array(message.utf8)
                let offset = offset + Int64(number)
                count(
                    bytes.span.bytes,
                    MessageTerms(offset: offset, fingerprint: Self.fingerprint(offset, bytes.count), writtenAt: nil))
            }
        }
    }

    func flush(now: Duration = .zero, upTo boundary: Int64? = nil) -> PartitionFlush {
        state.flush(now: now, clock: clock, sentThrough: 0, upTo: boundary)
    }

    static func fingerprint(_ offset: Int64, _ byteCount: Int) -> RecordFingerprint {
        RecordFingerprint(timestampMilliseconds: offset, byteCount: byteCount)
    }
}
