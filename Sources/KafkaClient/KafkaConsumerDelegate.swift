/// Who decides where partitions go, and finishes with them before they go away.
///
/// All calls come on the thread that polls the consumer (``KafkaConsumer/poll(timeout:)``) or closes it. Until a call
/// returns the group waits, so mind the session and the rebalance timeouts.
public protocol KafkaConsumerDelegate: AnyObject, Sendable {
    /// New partitions, in order. The answer says for each where to start and which worker gets it; what it leaves out
    /// starts at the committed offset on worker `partition % workers`. No message of theirs comes before this returns.
    func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment]

    /// Partitions that go to another member (or the consumer closes). By the time this is called no poll that starts
    /// will return a message of theirs, but a batch that was returned earlier may still be in work: drain it up to
    /// `ReleasedPartition.next`, publish, commit, and only then return.
    func revoked(_ partitions: [ReleasedPartition])

    /// Partitions that are another member's already (the session was lost): forget them. Commits would be refused.
    func lost(_ partitions: [ReleasedPartition])
}

public struct PartitionAssignment: Sendable {
    public var partition: TopicPartition
    public var start: StartPosition
    public var worker: Int

    public init(_ partition: TopicPartition, start: StartPosition = .committed, worker: Int) {
        self.partition = partition
        self.start = start
        self.worker = worker
    }
}

/// A partition that was taken away.
public struct ReleasedPartition: Hashable, Sendable {
    public let partition: TopicPartition
    public let worker: Int
    /// The offset after the last message that was handed out; nil when none was and the start was not a number.
    public let next: Int64?
}
