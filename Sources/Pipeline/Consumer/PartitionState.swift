import Aggregation
import Decoding
import KafkaClient
import TelemetryModel

/// One source partition in the hands of its worker: its counter, and what of it has been told to the evaluator.
///
/// Belongs to the worker's thread.
final class PartitionState {
    let partition: TopicPartition
    private var counter: PartitionCounter
    private let latenessNanoseconds: Int64
    private(set) var nextOffset: Int64?
    private var isDirty = true
    private var reachedEnd = false
    private var quietSince: ContinuousClock.Instant
    /// What was last told of each slice that is still open here.
    private var told: [PartitionFlush.Slice: SliceTally] = [:]
    private var toldLate: [PartitionFlush.Slice: Int64] = [:]
    private var rollupsToldAt: Timestamp?
    private var hasUntoldRollups = false
    private var traces: [TraceKey: ClosedRange<Int64>] = [:]
    private var toldStatistics = PipelineStatistics()

    private struct TraceKey: Hashable {
        let kind: EventKind
        let hour: Timestamp
    }

    /// How long a slice is kept open after it was first judged: what comes later opens it anew.
    private static let graceNanoseconds = 3600 * Timestamp.nanosecondsPerSecond
    private static let minute = 60 * Timestamp.nanosecondsPerSecond

    init(
        partition: TopicPartition, plan: PipelinePlan, latenessNanoseconds: Int64, horizonNanoseconds: Int64,
        outlet: any RecordOutlet, now: ContinuousClock.Instant
    ) {
        self.partition = partition
        self.latenessNanoseconds = latenessNanoseconds
        quietSince = now
        counter = PartitionCounter(
            plan: plan, lateHorizonNanoseconds: horizonNanoseconds, tracksChanges: true,
            cursor: .message(topic: partition.topic, partition: partition.partition, offset: 0), outlet: outlet)
    }

    /// Counts one message. `notAfter` is the latest event time that is believed.
    func count(
        _ value: RawSpan, offset: Int64, notAfter: Timestamp?, with decoder: DecoderBox, now: ContinuousClock.Instant
    ) {
        counter.cursor = .message(topic: partition.topic, partition: partition.partition, offset: offset)
        counter.notAfter = notAfter
        counter.countMessage(bytes: value.byteCount)
        decoder.decoder.beginSource()
        _ = decoder.decoder.decode(value, firstRecord: 0, to: &counter)
        nextOffset = offset + 1
        isDirty = true
        hasUntoldRollups = true
        reachedEnd = false
        quietSince = now
        for (kind, hours) in counter.takeHours() {
            for hour in hours {
                let key = TraceKey(kind: kind, hour: hour)
                let known = traces[key] ?? offset...offset
                traces[key] = min(known.lowerBound, offset)...max(known.upperBound, offset)
            }
        }
    }

    /// All messages below `offset` were handed out.
    func reachEnd(at offset: Int64) {
        reachedEnd = true
        if nextOffset == nil { nextOffset = offset }
    }

    /// What to tell the evaluator now.
    ///
    /// - Parameters:
    ///   - closedBefore: windows of rollups that end by then are judged, and not needed here any more.
    ///   - idleTimeout: how long an exhausted partition waits before it stops holding time back.
    func flush(
        now: ContinuousClock.Instant, idleTimeout: Duration, closedBefore: Timestamp?, sentThrough: UInt64,
        released: Milestone? = nil
    ) -> PartitionFlush {
        let isIdle = reachedEnd && quietSince.duration(to: now) >= idleTimeout
        var slices: [(PartitionFlush.Slice, SliceTally)] = []
        var folded: [PartitionFlush.Slice] = []
        var late: [(PartitionFlush.Slice, Int64)] = []
        var rollups: [(rollup: Int, change: RollupChange)]?
        if isDirty {
            slices = takeSlices()
            folded = foldSlices()
            late = takeLate()
        }
        let rollupTime = counter.watermark?.windowStart(length: PartitionState.minute)
        if rollupTime != rollupsToldAt || (reachedEnd && hasUntoldRollups) || released != nil {
            rollups = takeRollups(closedBefore: closedBefore)
            rollupsToldAt = rollupTime
            hasUntoldRollups = false
        }
        isDirty = false
        let noted = traces.map { key, offsets in
            PartitionFlush.Trace(
                kind: key.kind, hour: key.hour, firstOffset: offsets.lowerBound, lastOffset: offsets.upperBound)
        }
        traces.removeAll(keepingCapacity: true)
        let statistics = counter.statistics - toldStatistics
        toldStatistics = counter.statistics
        return PartitionFlush(
            partition: partition, nextOffset: nextOffset, watermark: counter.watermark, isIdle: isIdle,
            slices: slices, folded: folded, late: late, rollups: rollups, traces: noted, statistics: statistics,
            sentThrough: sentThrough, released: released)
    }

    private func takeSlices() -> [(PartitionFlush.Slice, SliceTally)] {
        var changed: [(PartitionFlush.Slice, SliceTally)] = []
        for (part, box) in counter.indicators.enumerated() {
            for change in box.engine.takeChanges() {
                guard let window = box.engine.peekWindow(change.windowStart), window.count > 0 else { continue }
                var tally = SliceTally()
                for (value, role) in zip(window[0].values, counter.plan.indicatorParts[part].roles) {
                    tally.add(value, as: role)
                }
                let slice = PartitionFlush.Slice(part: part, start: change.windowStart)
                changed.append((slice, tally))
                told[slice] = tally
            }
        }
        return changed
    }

    private func foldSlices() -> [PartitionFlush.Slice] {
        guard let watermark = counter.watermark else { return [] }
        let old = watermark.advanced(by: -latenessNanoseconds).advanced(by: -PartitionState.graceNanoseconds)
        let past = told.keys.filter { slice in
            let length = counter.plan.indicatorParts[slice.part].plan.definition.windowNanoseconds
            return slice.start.advanced(by: length) <= old
        }
        for slice in past {
            told[slice] = nil
            _ = counter.indicators[slice.part].engine.takeWindow(slice.start)
        }
        return past
    }

    private func takeLate() -> [(PartitionFlush.Slice, Int64)] {
        var changed: [(PartitionFlush.Slice, Int64)] = []
        for (part, box) in counter.lateIndicators.enumerated() {
            for start in box.engine.windowStarts {
                guard let window = box.engine.peekWindow(start), window.count > 0 else { continue }
                var tally = SliceTally()
                for (value, role) in zip(window[0].values, counter.plan.indicatorParts[part].roles) where role == .total
                {
                    tally.add(value, as: role)
                }
                let slice = PartitionFlush.Slice(part: part, start: start)
                if toldLate[slice] == tally.total { continue }
                toldLate[slice] = tally.total
                changed.append((slice, tally.total))
            }
        }
        return changed
    }

    private func takeRollups(closedBefore: Timestamp?) -> [(rollup: Int, change: RollupChange)] {
        var changed: [(rollup: Int, change: RollupChange)] = []
        for (index, box) in counter.rollups.enumerated() {
            changed += box.engine.takeChanges().map { (index, $0) }
            guard let closedBefore else { continue }
            let length = box.engine.plan.definition.windowNanoseconds
            for start in box.engine.windowStarts where start.advanced(by: length) <= closedBefore {
                _ = box.engine.takeWindow(start)
            }
        }
        return changed
    }
}

/// A decoder behind a reference, one for each input topic and worker.
final class DecoderBox {
    var decoder: MessageDecoder

    init(_ decoder: consuming MessageDecoder) {
        self.decoder = decoder
    }
}
