/// What a sink's group has committed of a partition of the feed: where reading goes on, and how it is begun there.
public struct FeedOffset: Sendable, Equatable {
    public let partition: Int32
    /// The offset of the next record.
    public let next: Int64
    public let start: FeedStart

    public init(partition: Int32, next: Int64, start: FeedStart) {
        self.partition = partition
        self.next = next
        self.start = start
    }

    /// The text that is committed with the offset, from which ``FeedBeginning`` reads the start back.
    ///
    /// Offsets of 0.1.0, which had no log, have no text; one that is not taken over yet keeps it that way.
    ///
    /// - Parameter logPartitions: of the topic of notifications.
    public func metadata(logPartitions: Int32) -> String {
        switch start {
        case .resumed: "\(FeedMark.name)=\(logPartitions)"
        case .connected: "\(FeedMark.name)=\(logPartitions);\(FeedMark.connected)"
        case .takenOver: ""
        }
    }
}

/// What the text beside a committed offset says; nil for a text that is none of these.
struct FeedMark: Equatable {
    static let name = "notifications"
    static let connected = "connected"

    let start: FeedStart
    let logPartitions: Int32

    init?(_ text: String) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false)
        let number = parts[0].split(separator: "=", omittingEmptySubsequences: false)
        guard number.count == 2, number[0] == FeedMark.name, let count = Int32(number[1]) else { return nil }
        switch parts.dropFirst() {
        case []: start = .resumed
        case [FeedMark.connected[...]]: start = .connected
        default: return nil
        }
        logPartitions = count
    }
}
