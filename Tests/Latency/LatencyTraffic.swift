import Foundation
import KafkaClient
import Statistics
import TelemetryModel
import TestSupport

/// Produces one kind's records, at their pace, on the thread that calls.
struct LatencyTraffic {
    let kind: LatencyKind
    let plan: LatencyPlan
    let producer: KafkaProducer
    /// Kinds complete their slices at different times.
    let offset: Duration
    private var random: SeededGenerator
    private var lastID = 0

    init(_ kind: LatencyKind, _ plan: LatencyPlan, to producer: KafkaProducer, offset: Duration, seed: UInt64) {
        self.kind = kind
        self.plan = plan
        self.producer = producer
        self.offset = offset
        random = SeededGenerator(seed: seed)
    }

    /// Each partition has records of the first slice before somebody reads it, and goes on having some: one that were silent for two seconds would
    /// be idle, and what comes behind an idle mark, dated before it, is in no judgement.
    ///
    /// - Parameter begin: when the first slice ends and the others begin; nil for as long as nobody reads.
    /// - Returns: when the last partition got its first record of each slice: just before it was sent.
    mutating func produce(from begin: () -> ContinuousClock.Instant?) throws -> [ContinuousClock.Instant] {
        try beginAll()
        while begin() == nil { try fill(0, until: .now + LatencyPlan.pause * 2) }
        guard let start = begin() else { return [] }
        try fill(0, until: start + offset)
        var completed = [start]
        for slice in 1..<plan.slices {
            let begin = start + offset + LatencyPlan.slice * (slice - 1)
            completed.append(try enter(slice, at: begin))
            try fail(in: slice)
            try fill(slice, until: begin + LatencyPlan.slice)
        }
        return completed
    }

    /// Each partition comes to the slice at its own time, within half a second.
    private mutating func enter(_ slice: Int, at begin: ContinuousClock.Instant) throws -> ContinuousClock.Instant {
        let arrivals = (0..<Int32(LatencyPlan.partitions)).map {
            (partition: $0, wait: Duration.milliseconds(random.below(500)))
        }
        var last = begin
        for (partition, wait) in arrivals.sorted(by: { $0.wait < $1.wait }) {
            letPass(until: begin + wait)
            last = .now
            try send(
                kind.other(at: plan.begin(of: slice).advanced(by: Timestamp.nanosecondsPerSecond), id: id()),
                to: partition)
        }
        return last
    }

    /// Each SLO is counted from here on.
    private mutating func beginAll() throws {
        let time = plan.begin(of: 0).advanced(by: 2 * Timestamp.nanosecondsPerSecond)
        for partition in 0..<Int32(LatencyPlan.partitions) { try send(kind.other(at: time, id: id()), to: partition) }
        for number in 0..<plan.objectives {
            try send(kind.success(of: number, at: time, id: id()), to: Int32(random.below(LatencyPlan.partitions)))
        }
    }

    private mutating func fail(in slice: Int) throws {
        let time = plan.begin(of: slice).advanced(by: 2 * Timestamp.nanosecondsPerSecond)
        for number in plan.failing(in: slice) {
            try send(kind.failures(of: number, at: time, id: id()), to: Int32(random.below(LatencyPlan.partitions)))
        }
    }

    /// No partition is ever idle.
    private mutating func fill(_ slice: Int, until end: ContinuousClock.Instant) throws {
        let begin = ContinuousClock.now
        let length = max(begin.duration(to: end), .milliseconds(1))
        while ContinuousClock.now + LatencyPlan.pause < end {
            let share = begin.duration(to: .now) / length
            // The first slice lasts until somebody reads.
            let time = plan.begin(of: slice).advanced(by: Int64((3 + (slice == 0 ? 0 : 56 * share)) * 1e9))
            for partition in 0..<Int32(LatencyPlan.partitions) {
                try send(kind.other(at: time, id: id()), to: partition)
            }
            letPass(LatencyPlan.pause)
        }
    }

    private mutating func id() -> Int {
        lastID += 1
        return lastID
    }

    private func send(_ value: [UInt8], to partition: Int32) throws {
        try producer.send(topic: kind.topic, partition: partition, key: nil, value: value)
    }

    private func letPass(until time: ContinuousClock.Instant) {
        let left = ContinuousClock.now.duration(to: time)
        if left > .zero { letPass(left) }
    }

    private func letPass(_ time: Duration) { TestSupport.letPass(time) }
}
