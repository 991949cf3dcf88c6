import Aggregation
import TelemetryModel

/// What a pipeline saw: the numbers behind `stats.json` and behind most metrics.
public struct PipelineStatistics: Sendable, Equatable {
    public internal(set) var decoded: [EventKind: Int] = [:]
    public internal(set) var deadLettered: [RejectionReason: Int] = [:]
    public internal(set) var late: [EventKind: Int] = [:]
    /// Events that were delivered before, and not counted again.
    public internal(set) var duplicates = 0
    /// Events under an identity that was delivered before with other facts; they count.
    public internal(set) var conflicts = 0
    /// Identities that were forgotten because there were too many: a second delivery later than that is counted.
    public internal(set) var evictedIdentities = 0
    /// By the name of the rollup or objective: what went into `(other)`, became an estimate, or was no number.
    public private(set) var troubles: [String: RollupCounters] = [:]
    /// By monitor: groups of windows that were not watched, because there are as many as a monitor keeps. Of a replay, which has counting
    /// and evaluating in one.
    package var untrackedGroups: [String: Int] = [:]
    public internal(set) var auditRecords = 0
    /// Of them, those that hold less than the event did, as something was too long; each says so itself.
    public internal(set) var auditRecordsTruncated = 0
    /// Events for which the filter of the audit settings came to no answer; they are not recorded.
    public internal(set) var auditUndecided = 0
    /// Points of cumulative metrics that were not simply differences.
    public internal(set) var cumulative: [CumulativeOutcome: Int] = [:]
    /// Points of cumulative metrics that were left out, by the metric's name where an objective has it.
    public internal(set) var refusedPoints: [String: Int] = [:]
    /// Kafka messages; files have none.
    public internal(set) var messages = 0
    public internal(set) var bytes = 0

    public init() {}

    public var decodedTotal: Int { decoded.values.reduce(0, +) }
    public var deadLetteredTotal: Int { deadLettered.values.reduce(0, +) }

    /// Notes what an engine folded, estimated or could not read so far.
    package mutating func note(_ counters: RollupCounters, of name: String) {
        if counters.isUntroubled { return }
        troubles[name, default: RollupCounters()].add(counters)
    }

    public static func += (left: inout PipelineStatistics, right: PipelineStatistics) {
        left.decoded.merge(right.decoded, uniquingKeysWith: +)
        left.deadLettered.merge(right.deadLettered, uniquingKeysWith: +)
        left.late.merge(right.late, uniquingKeysWith: +)
        left.evictedIdentities += right.evictedIdentities
        left.duplicates += right.duplicates
        left.conflicts += right.conflicts
        left.troubles.merge(right.troubles) { $0.adding($1) }
        left.auditRecords += right.auditRecords
        left.auditRecordsTruncated += right.auditRecordsTruncated
        left.auditUndecided += right.auditUndecided
        left.cumulative.merge(right.cumulative, uniquingKeysWith: +)
        left.refusedPoints.merge(right.refusedPoints, uniquingKeysWith: +)
        left.messages += right.messages
        left.bytes += right.bytes
    }

    /// What was counted since `earlier`.
    package static func - (later: PipelineStatistics, earlier: PipelineStatistics) -> PipelineStatistics {
        var difference = PipelineStatistics()
        difference.decoded = later.decoded.merging(earlier.decoded) { $0 - $1 }
        difference.deadLettered = later.deadLettered.merging(earlier.deadLettered) { $0 - $1 }
        difference.late = later.late.merging(earlier.late) { $0 - $1 }
        difference.evictedIdentities = later.evictedIdentities - earlier.evictedIdentities
        difference.duplicates = later.duplicates - earlier.duplicates
        difference.conflicts = later.conflicts - earlier.conflicts
        difference.troubles = later.troubles.merging(earlier.troubles) { $0.since($1) }
        difference.auditRecords = later.auditRecords - earlier.auditRecords
        difference.auditRecordsTruncated = later.auditRecordsTruncated - earlier.auditRecordsTruncated
        difference.auditUndecided = later.auditUndecided - earlier.auditUndecided
        difference.cumulative = later.cumulative.merging(earlier.cumulative) { $0 - $1 }
        difference.refusedPoints = later.refusedPoints.merging(earlier.refusedPoints) { $0 - $1 }
        difference.messages = later.messages - earlier.messages
        difference.bytes = later.bytes - earlier.bytes
        return difference
    }
}
