import Accounting
import JSON
import Records
import TelemetryModel

/// What the shards' logs say of the sources that somebody takes over, read from some places up to the claims.
package struct ReadBack: Sendable {
    private let claims: [SourcePartition: Claim]
    private let places: ReadBackPlaces
    /// In the shards' order.
    package private(set) var shards: [ShardReader<ChangelogAmounts>]
    /// How many entries were read, also of other sources.
    package var entries = 0
    /// The sources whose claims were read, by shard.
    private var claimed: [Set<SourcePartition>]
    /// A place beyond a log's end at which reading was to begin: the topic was made anew.
    package var beyond: BeyondEnd?
    /// By which clock the updates were counted that were read, by source and where they end: those that end furthest. An update stands in all
    /// shards, and is one here.
    private var readings: [SourcePartition: [SourcePoint: Timestamp]] = [:]
    /// Needed are those behind the least of the shards' ends. An owner waits for all shards before it goes on, so to get so far apart
    /// would take as many owners that each died between two shards. What was counted before the furthest that were kept would be
    /// judged by the first of these.
    private static let readingsMax = 512
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
            let entry = try ShardEntry<ChangelogAmounts>(json: json)
            if case .claim(let claim) = entry, claim.epoch == claims[source]?.epoch { claimed[shard].insert(source) }
            let outcome = shards[shard].read(entry)
            guard case .update(let update) = entry else { return }
            if case .added = outcome, let clock = update.progress.clock {
                note(clock, upTo: update.to, of: source)
            }
            guard case .unconnected = outcome, unconnected == nil else { return }
            let reason = UnconnectedUpdate(update, through: shards[shard].state(of: source).through)
            unconnected = UnreadableRecord(place, "\(reason)")
        } catch {
            unreadable = unreadable ?? UnreadableRecord(place, "\(error)")
        }
    }

    private mutating func note(_ clock: Timestamp, upTo end: SourcePoint, of source: SourcePartition) {
        readings[source, default: [:]][end] = clock
        guard let known = readings[source], known.count > ReadBack.readingsMax else { return }
        // Half of them at once: a log may hold a week.
        for end in known.keys.sorted().prefix(ReadBack.readingsMax / 2) { readings[source]?[end] = nil }
    }

    /// By which clock updates of the source were counted, by their ends.
    func readings(of source: SourcePartition) -> [SourcePoint: Timestamp] { readings[source] ?? [:] }

    /// Goes on without an entry that is to be skipped on request.
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
        if beyond != nil || unconnected != nil { return true }
        return claims.keys.contains { source in
            let chains = shards.map { $0.state(of: source) }
            let incarnations = Set(chains.map { $0.through?.incarnation })
            return incarnations.count > 1 && chains.contains { $0.through != nil && $0.began == nil }
        }
    }

    /// Whether a chain was read from a place that does not tell its source's state, and no update behind it does.
    var isStateUnknown: Bool {
        claims.keys.contains { source in
            shards.contains { shard in
                let chain = shard.state(of: source)
                return chain.through != nil && chain.sourceState == nil
            }
        }
    }

    /// The highest epoch that holds a chain of the source although it was claimed; `nil` where the claim holds all of them.
    func contender(of claim: Claim) -> OwnerEpoch? {
        shards.compactMap { $0.contender(of: claim.epoch, for: claim.source) }.max()
    }

    func epoch(of source: SourcePartition) -> OwnerEpoch? { shards.compactMap { $0.state(of: source).epoch }.max() }
}

/// A shard's log ends before a place of which somebody has read it.
package struct BeyondEnd: Equatable, Sendable {
    package let shard: Int32
    package let place: Int64
    package let end: Int64

    package init(shard: Int32, place: Int64, end: Int64) {
        self.shard = shard
        self.place = place
        self.end = end
    }
}

/// A shard's log was read to an end before what the broker has acknowledged.
package struct ClaimNotRead: Error, Equatable, CustomStringConvertible {
    package let source: SourcePartition
    package let shard: Int

    package var description: String {
        "the broker gave an end of the registers' partition \(shard) before the claim of \(source) that it had acknowledged"
    }
}
