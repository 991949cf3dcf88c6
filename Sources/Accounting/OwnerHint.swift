/// Where an owner's successor begins to read the shards' logs: kept as the metadata of the committed offset, so that a
/// restart reads the logs' last records and not all of them.
///
/// It only saves work: without one, or with an old one, more of the logs is read. But it is true only if its owner held
/// the chains when it was committed, because acknowledgements come for void updates too. So it must not be committed
/// by an owner that another has followed, neither as a member of a later generation nor in a group without members; a
/// successor cannot see from the log that it was. A `ShardCheckpoint` is a place to begin as well, and true for any writer of
/// it, because it says what was read.
///
/// It does not tell the source's state: that is known once an update behind the place has told it. So it says whether its owner's do.
public struct OwnerHint: Hashable, Sendable {
    /// The chain of the source in one shard, as it was before the log's entry at `offset`.
    public struct Place: Hashable, Sendable {
        public let offset: Int64
        public let through: SourcePoint?

        public init(offset: Int64, through: SourcePoint?) {
            self.offset = offset
            self.through = through
        }
    }

    public let epoch: OwnerEpoch
    /// In the shards' order.
    public let places: [Place]
    /// Its owner's updates tell the source's state.
    public let tellsState: Bool

    public init(epoch: OwnerEpoch, places: [Place], tellsState: Bool = false) {
        self.epoch = epoch
        self.places = places
        self.tellsState = tellsState
    }

    /// What brokers allow by default (`offset.metadata.max.bytes`).
    private static let textBytesMax = 4_096

    /// `1;EPOCH;OFFSET@INCARNATION:THROUGH,…`: some 25 bytes a shard; with `2` in front where states are told, which is no hint to
    /// 0.1.0. Empty where that would be too long, which is no hint.
    public var text: String {
        let listed = places.map { place in
            guard let through = place.through else { return "\(place.offset)" }
            return "\(place.offset)@\(through.incarnation):\(through.offset)"
        }
        let text = "\(tellsState ? 2 : 1);\(epoch.rawValue);" + listed.joined(separator: ",")
        return text.utf8.count <= OwnerHint.textBytesMax ? text : ""
    }

    /// `nil` for what is no hint, such as the metadata that other tools write.
    public init?(_ text: String) {
        let fields = text.split(separator: ";", omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0] == "1" || fields[0] == "2", let number = Int64(fields[1]) else { return nil }
        let epoch = OwnerEpoch(rawValue: number)
        guard epoch.isValid else { return nil }
        var places: [Place] = []
        for entry in fields[2].split(separator: ",", omittingEmptySubsequences: false) {
            let sides = entry.split(separator: "@", omittingEmptySubsequences: false)
            guard let offset = sides.first.flatMap({ Int64($0) }), offset >= 0, sides.count <= 2 else { return nil }
            var through: SourcePoint?
            if sides.count == 2 {
                let numbers = sides[1].split(separator: ":", omittingEmptySubsequences: false)
                guard numbers.count == 2, let incarnation = Int32(numbers[0]), let point = Int64(numbers[1]) else {
                    return nil
                }
                let end = SourcePoint(incarnation: incarnation, offset: point)
                guard end.isValid else { return nil }
                through = end
            }
            places.append(Place(offset: offset, through: through))
        }
        guard !places.isEmpty else { return nil }
        self.init(epoch: epoch, places: places, tellsState: fields[0] == "2")
    }
}
