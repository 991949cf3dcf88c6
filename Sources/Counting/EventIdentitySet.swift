import Statistics

/// All identities of events that were ever seen, for files, where a second delivery may stand anywhere.
///
/// Memory: 16 bytes for each identity in tables of which 7 places in 16 to 7 in 8 are in use, so 18 to 37 bytes, and nothing else;
/// 600,000 take 17 MB. There are 256 tables that grow each by itself, so that growing needs little room of its own.
/// Complexity: constant on average; no allocation but for growth. One owner, on one thread.
struct EventIdentitySet: Sendable {
    private static let empty = EventIdentity(high: 0, low: 0)
    private static let tableCount = 256
    private static let placesMin = 16

    /// Open addressing with linear probing over a power of two of places; `empty` where there is none.
    private var tables: [[EventIdentity]]
    private var counts: [Int]
    /// `empty` itself is an identity that somebody may use.
    private var holdsEmpty = false

    init() {
        tables = (0..<EventIdentitySet.tableCount).map { _ in
            Array(repeating: EventIdentitySet.empty, count: EventIdentitySet.placesMin)
        }
        counts = Array(repeating: 0, count: EventIdentitySet.tableCount)
    }

    var count: Int { counts.reduce(holdsEmpty ? 1 : 0, +) }

    /// False where it is there already.
    mutating func insert(_ identity: EventIdentity) -> Bool {
        if identity == EventIdentitySet.empty {
            defer { holdsEmpty = true }
            return !holdsEmpty
        }
        let hash = EventIdentitySet.hash(identity)
        let table = Int(hash >> 56)
        let place = EventIdentitySet.place(of: identity, hash, in: tables[table])
        if tables[table][place] == identity { return false }
        tables[table][place] = identity
        counts[table] += 1
        if counts[table] * 8 > tables[table].count * 7 { grow(table) }
        return true
    }

    /// Where it is, or the free place where it belongs.
    private static func place(of identity: EventIdentity, _ hash: UInt64, in table: [EventIdentity]) -> Int {
        let mask = table.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while table[place] != empty, table[place] != identity { place = (place + 1) & mask }
        return place
    }

    private mutating func grow(_ table: Int) {
        var wider = Array(repeating: EventIdentitySet.empty, count: tables[table].count * 2)
        for identity in tables[table] where identity != EventIdentitySet.empty {
            wider[EventIdentitySet.place(of: identity, EventIdentitySet.hash(identity), in: wider)] = identity
        }
        tables[table] = wider
    }

    /// Only where an identity lies depends on the process's seed, so that nobody can prepare many that lie in one place.
    private static func hash(_ identity: EventIdentity) -> UInt64 {
        let hash = KeyedHash.processLocal
        return hash.combine(identity.low, hash.combine(identity.high, hash.initial))
    }
}
