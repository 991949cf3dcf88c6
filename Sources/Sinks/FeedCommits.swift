/// Which offsets of the feed are to be committed, when, and whether the group's answer says that this is still a member.
///
/// Of each partition that is read there is an offset that can be committed, from its beginning on. So a member in doubt always
/// has something to ask the group with: the group refuses who is no member any more, but only if it is asked.
public struct FeedCommits: Sendable {
    /// A commit to be made. Never empty.
    public struct Request: Sendable, Equatable {
        public let offsets: [FeedOffset]
        /// Whether it was in doubt when it was made.
        let isConfirmation: Bool
    }

    private static let retryNanoseconds: Int64 = 1_000_000_000

    private var offsets: [Int32: FeedOffset] = [:]
    /// Partitions whose offset the group does not have yet.
    private var due: Set<Int32> = []
    private var retryAt = Int64.min
    /// In a row.
    public private(set) var failures = 0

    public init() {}

    public mutating func began(_ offset: FeedOffset) {
        offsets[offset.partition] = offset
        // A restart has to begin in the same way: what comes from now on is not history.
        if offset.start == .connected { due.insert(offset.partition) }
    }

    /// All before `next` is settled.
    public mutating func settled(_ partition: Int32, next: Int64) {
        offsets[partition] = FeedOffset(partition: partition, next: next, start: .resumed)
        due.insert(partition)
    }

    public mutating func gone(_ partition: Int32) {
        offsets[partition] = nil
        due.remove(partition)
    }

    /// Lets the next commit be made at once, although the last one failed.
    public mutating func hurry() { retryAt = .min }

    /// - Parameters:
    ///   - monotonic: nanoseconds of the clock of ``DeliveryMoment``.
    ///   - isInDoubt: of the engine.
    /// - Returns: nil where there is nothing to commit now.
    public func next(at monotonic: Int64, isInDoubt: Bool) -> Request? {
        if monotonic < retryAt { return nil }
        let wanted = isInDoubt ? Set(offsets.keys) : due
        let list = wanted.sorted().compactMap { offsets[$0] }
        return list.isEmpty ? nil : Request(offsets: list, isConfirmation: isInDoubt)
    }

    /// The group has taken it.
    ///
    /// - Returns: what the engine is to be told.
    public mutating func taken(_ request: Request) -> DeliveryInput? {
        failures = 0
        for offset in request.offsets where offsets[offset.partition] == offset { due.remove(offset.partition) }
        return request.isConfirmation ? .confirmed : nil
    }

    /// The group has refused it, or nothing is known of it.
    public mutating func failed(at monotonic: Int64) {
        failures += 1
        retryAt = monotonic + FeedCommits.retryNanoseconds
    }
}
