/// Which messages of a producer are acknowledged, which failed, and up to where everything is known.
///
/// Sequences are given out from 1, one for each message. Reports come in any order (partitions are independent, and
/// retries overtake), so those above the first open one are kept as bits in a ring that grows with what is open; it is
/// bounded by the producer's own queue.
struct DeliveryTracker {
    private(set) var counters = DeliveryCounters()
    /// Everything below this sequence is resolved: delivered or failed.
    private var firstOpen: UInt64 = 1
    private var nextSequence: UInt64 = 1
    /// `ring[sequence & mask]` is true when a sequence at or above `firstOpen` is resolved.
    private var ring = [Bool](repeating: false, count: 1_024)
    private var failures: [DeliveryFailure] = []

    /// More failures than this are counted, not listed: the first ones are enough to stop a waiting caller.
    static let listedFailuresMax = 1_000

    var resolvedThrough: UInt64 { firstOpen - 1 }
    var lastSequence: UInt64 { nextSequence - 1 }
    var open: Int { Int(nextSequence - firstOpen) }

    mutating func begin() -> UInt64 {
        if Int(nextSequence - firstOpen) == ring.count { grow() }
        defer { nextSequence += 1 }
        counters.sent += 1
        return nextSequence
    }

    /// - Returns: whether the report was for an open message. A second report for one would be a bug of librdkafka's, and
    ///   must not be counted twice.
    @discardableResult
    mutating func resolve(_ sequence: UInt64, _ error: KafkaError?) -> Bool {
        guard sequence >= firstOpen, sequence < nextSequence, !ring[slot(sequence)] else {
            counters.unexpectedReports += 1
            return false
        }
        ring[slot(sequence)] = true
        if let error {
            counters.failed += 1
            if failures.count < Self.listedFailuresMax {
                failures.append(DeliveryFailure(sequence: sequence, error: error))
            }
        } else {
            counters.delivered += 1
        }
        while firstOpen < nextSequence, ring[slot(firstOpen)] {
            ring[slot(firstOpen)] = false
            firstOpen += 1
        }
        return true
    }

    /// Resolves a message that was refused to its sender's face, who has dealt with it: it failed, and who waits for others
    /// need not hear of it.
    mutating func withdraw(_ sequence: UInt64) {
        if resolve(sequence, nil) {
            counters.delivered -= 1
            counters.failed += 1
        }
    }

    mutating func countWait() { counters.queueFullWaits += 1 }

    /// The failures listed up to a sequence, in its order. They stay: each caller that waits must learn of them.
    func failures(through sequence: UInt64) -> [DeliveryFailure] {
        failures.filter { $0.sequence <= sequence }.sorted { $0.sequence < $1.sequence }
    }

    private func slot(_ sequence: UInt64) -> Int { Int(sequence & UInt64(ring.count - 1)) }

    private mutating func grow() {
        var larger = [Bool](repeating: false, count: ring.count * 2)
        for sequence in firstOpen..<nextSequence {
            larger[Int(sequence & UInt64(larger.count - 1))] = ring[slot(sequence)]
        }
        ring = larger
    }
}

/// Counts since the producer was made. `sent = delivered + failed + open`.
public struct DeliveryCounters: Sendable, Equatable {
    /// Given a sequence; includes those that librdkafka then refused, which count as failed.
    public var sent = 0
    public var delivered = 0
    public var failed = 0
    /// How often a send had to wait because the local queue was full.
    public var queueFullWaits = 0
    /// Reports for messages that were resolved already; never anything but 0.
    public var unexpectedReports = 0
}

/// A message that was not written, or of which it is not known.
public struct DeliveryFailure: Error, Sendable, Equatable {
    public let sequence: UInt64
    public let error: KafkaError
}

/// What became of the messages up to a sequence.
public enum DeliveryOutcome: Sendable, Equatable {
    case delivered
    /// At least these failed; everything else up to the sequence was delivered. Listed once, at most 1,000.
    case failed([DeliveryFailure])
    /// Some are still under way.
    case pending(resolvedThrough: UInt64)
}
