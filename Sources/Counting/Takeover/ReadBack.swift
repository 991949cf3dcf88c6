import Accounting
import JSON
import Records

/// What the shards' logs say of the sources that somebody takes over, read from some places up to the claims.
package struct ReadBack: Sendable {
    private let claims: [SourcePartition: Claim]
    private let places: ReadBackPlaces
    /// In the shards' order.
    package private(set) var shards: [ShardReader<RegisterAmounts>]
    /// How many entries were read, also of other sources.
    package var entries = 0
    /// The sources whose claims were read, by shard.
    private var claimed: [Set<SourcePartition>]
    /// Set where reading began at a place beyond a log's end: the topic was made anew.
    package var isBeyond = false
    /// The first update that did not follow what was read before it.
    package private(set) var unconnected: UnreadableRecord?
    /// The first entry that could not be read.
    package private(set) var unreadable: UnreadableRecord?

    package init(_ claims: [SourcePartition: Claim], from places: ReadBackPlaces) {
        self.claims = claims
        self.places = places
        shards = (0..<places.shardCount).map { ShardReader(places.chains(in: $0)) }
        claimed = Array(repeating: [], count: places.shardCount)
    }

    /// Whether an entry is to be read: what lies before a source's place is in its chain already.
    package func isWanted(_ source: SourcePartition, at place: TopicPlace) -> Bool {
        claims[source] != nil && place.offset >= places.offset(of: source, in: Int(place.partition))
    }

    /// Reads an entry of the log of the shard that has the number of the place's partition.
    package mutating func read(_ json: [UInt8], of source: SourcePartition, at place: TopicPlace) {
        guard isWanted(source, at: place) else { return }
        let shard = Int(place.partition)
        do throws(JSONCursorError) {
            let entry = try ShardEntry<RegisterAmounts>(json: json)
            if case .claim(let claim) = entry, claim.epoch == claims[source]?.epoch { claimed[shard].insert(source) }
            guard case .unconnected = shards[shard].read(entry), case .update(let update) = entry, unconnected == nil
            else { return }
            let reason = UnconnectedUpdate(update, through: shards[shard].state(of: source).through)
            unconnected = UnreadableRecord(place, "\(reason)")
        } catch {
            unreadable = unreadable ?? UnreadableRecord(place, "\(error)")
        }
    }

    /// Goes on without an entry that is to be passed over on request.
    package mutating func passOver(entryOf source: SourcePartition, at place: TopicPlace) {
        if isWanted(source, at: place) { shards[Int(place.partition)].passOver(entryOf: source) }
    }

    /// A log whose end, by the broker's word, is before a claim that the broker has acknowledged; who goes on from there
    /// counts again what stands behind it.
    var missingClaim: ClaimNotRead? {
        for (shard, found) in claimed.enumerated() {
            if let source = claims.keys.filter({ !found.contains($0) }).min() {
                return ClaimNotRead(source: source, shard: shard)
            }
        }
        return nil
    }

    /// Whether more of the logs has to be read than from these places on: updates did not connect, or shards are on both
    /// sides of an incarnation's beginning, of which a chain does not know.
    var isUnfit: Bool {
        if isBeyond || unconnected != nil { return true }
        return claims.keys.contains { source in
            let chains = shards.map { $0.state(of: source) }
            let incarnations = Set(chains.map { $0.through?.incarnation })
            return incarnations.count > 1 && chains.contains { $0.through != nil && $0.began == nil }
        }
    }

    /// The highest epoch that holds a chain of the source although it was claimed; `nil` where the claim holds all of them.
    func rival(of claim: Claim) -> OwnerEpoch? {
        shards.compactMap { $0.rival(of: claim.epoch, for: claim.source) }.max()
    }

    func epoch(of source: SourcePartition) -> OwnerEpoch? { shards.compactMap { $0.state(of: source).epoch }.max() }
}

/// A shard's log was read to an end before what the broker has acknowledged.
package struct ClaimNotRead: Error, Equatable, CustomStringConvertible {
    package let source: SourcePartition
    package let shard: Int

    package var description: String {
        "the broker gave an end of the registers' partition \(shard) before the claim of \(source) that it had acknowledged"
    }
}
