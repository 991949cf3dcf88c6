import Statistics

/// All identities of events that were ever seen, for files, where a second delivery may stand anywhere.
///
/// An identity that came with other facts too is there with each of them.
///
/// Memory: 24 bytes for each in tables of which 3 places in 8 to 3 in 4 are in use, so 32 to 64 bytes, and nothing else;
/// 600,000 take 25 MB. There are 256 tables that grow each by itself, so that growing needs little room of its own.
/// Complexity: constant on average; no allocation but for growth. One owner, on one thread.
struct EventIdentitySet: Sendable {
    private struct Entry: Equatable, BitwiseCopyable {
        var identity: EventIdentity
        var facts: UInt64
    }

    private static let empty = Entry(identity: EventIdentity(high: 0, low: 0), facts: 0)
    /// So that nobody can make a delivery cost more.
    static let variantsMax = 32
    private static let tableCount = 256
    private static let placesMin = 16

    /// Open addressing with linear probing over a power of two of places; `empty` where there is none.
    private var tables: [[Entry]]
    private var counts: [Int]
    /// What `approach` read: kept, because a read that leaves nothing behind need not happen.
    private var approached: UInt64 = 0

    init() {
        tables = (0..<EventIdentitySet.tableCount).map { _ in
            Array(repeating: EventIdentitySet.empty, count: EventIdentitySet.placesMin)
        }
        counts = Array(repeating: 0, count: EventIdentitySet.tableCount)
    }

    var count: Int { counts.reduce(0, +) }

    /// Reads where each of these events will be looked for, so that it is near when `take` comes.
    ///
    /// A place is in none of the processor's caches once there are many. Here it waits for a dozen of them at a time; between one
    /// `take` and the next lies too much else for that.
    mutating func approach(_ events: [DeliveredEvent]) {
        for event in events {
            let (table, place) = home(of: event.identity)
            // The first word and the last: an entry may lie in two lines.
            approached ^= tables[table][place].identity.high ^ tables[table][place].facts
        }
    }

    /// Takes in an event with these facts. Of one identity `variantsMax` are remembered, and all that come after them are in
    /// conflict.
    mutating func take(_ identity: EventIdentity, facts: UInt64) -> EventDelivery {
        // Facts of 0 are a free place's.
        let entry = Entry(identity: identity, facts: max(facts, 1))
        let (table, first) = home(of: identity)
        let mask = tables[table].count - 1
        var place = first
        var variants = 0
        while tables[table][place] != EventIdentitySet.empty {
            if tables[table][place] == entry { return .repeated }
            if tables[table][place].identity == identity { variants += 1 }
            place = (place + 1) & mask
        }
        if variants >= EventIdentitySet.variantsMax { return .conflicting }
        tables[table][place] = entry
        counts[table] += 1
        if counts[table] * 4 > tables[table].count * 3 { grow(table) }
        return variants == 0 ? .first : .conflicting
    }

    /// The table of an identity, and the first place in it that may be its own.
    private func home(of identity: EventIdentity) -> (table: Int, place: Int) {
        let hash = EventIdentitySet.hash(identity)
        let table = Int(hash >> 56)
        return (table, Int(truncatingIfNeeded: hash) & (tables[table].count - 1))
    }

    private mutating func grow(_ table: Int) {
        var wider = Array(repeating: EventIdentitySet.empty, count: tables[table].count * 2)
        for entry in tables[table] where entry != EventIdentitySet.empty {
            let mask = wider.count - 1
            var place = Int(truncatingIfNeeded: EventIdentitySet.hash(entry.identity)) & mask
            while wider[place] != EventIdentitySet.empty { place = (place + 1) & mask }
            wider[place] = entry
        }
        tables[table] = wider
    }

    /// Only where an identity lies depends on the process's seed, so that nobody can prepare many that lie in one place.
    private static func hash(_ identity: EventIdentity) -> UInt64 {
        let hash = KeyedHash.processLocal
        return hash.combine(identity.low, hash.combine(identity.high, hash.initial))
    }
}
