import Crypto
import Statistics

/// The events that a source partition delivered recently, so that one that is delivered again is left out.
///
/// **The rule.** An event is a duplicate when its identity occurred before with the same facts, in the same record or in one of the
/// `offsetsMax` offsets before it, and among the last `occurrencesMax` occurrences of any identity, this one included. With other
/// facts alone it is in conflict, and counts: who knows an event's identity can't hide it by sending another event first.
///
/// **Why occurrences, and not first sightings.** Every occurrence counts, a duplicate's too: it is what the next one is
/// compared with. So what the window holds before offset o is what occurred in the offsets from o − `offsetsMax` up to o,
/// or the latest of it, and nothing else: a function of the source's contents there. Reading back that many offsets into
/// an empty window before going on at o therefore makes the window of a reader that never stopped. If duplicates did not
/// count, an identity would live from its first sighting, which may lie before what is read back, and a third delivery
/// would be judged differently after a restart. The bound on occurrences keeps the latest for the same reason: which they
/// are does not depend on what came before them.
///
/// **Identities.** The text of a UUID in lower case, which is what AWS writes, is its 16 bytes; any other text is the
/// first 16 bytes of its SHA-256, so that nobody can prepare two texts with one identity, nor one with a UUID's.
///
/// **Memory.** 40 bytes for each occurrence at the default bound: 16 of identity, 8 of facts, 4 of offset, 4 to the one before, and 8.4 in
/// a table of 2²⁰ places for 500,000; it grows with what occurs. Complexity: constant on average, whatever the bounds; no allocation but
/// for growth, and in SHA-256. One owner, on one thread.
package struct EventIdentityWindow: Sendable {
    /// Identities that the bound on occurrences dropped although they were recent enough: a duplicate of such an event
    /// would be counted. From when the window was made, reading back included.
    private(set) var evictions = 0

    private let offsetsMax: Int64
    private let occurrencesMax: Int
    /// A ring of occurrences in their order, `first` the oldest; `offsets` beside it.
    private var identities: [EventIdentity] = []
    /// The lower half of each occurrence's offset: offsets in the window differ by less than 2³².
    private var offsets: [UInt32] = []
    private var facts: [UInt64] = []
    /// How many occurrences lie between each and the one before of its identity, that one included; 0 where there was none.
    private var distances: [UInt32] = []
    private var first = 0
    /// Occurrences in the ring, those included whose identity occurred again later.
    private(set) var occurrences = 0
    /// Identities held, each once.
    private(set) var count = 0
    /// For each identity the place of its latest occurrence, plus one; 0 where there is none. Open addressing with linear
    /// probing, half full at most, a power of two.
    private var places: [UInt32] = []
    private var latestOffset: Int64?
    /// What `approach` read: kept, because a read that leaves nothing behind need not happen.
    private var approached: UInt32 = 0

    /// - Parameters:
    ///   - offsetsMax: the offsets before an event in which a duplicate is known, at least 1.
    ///   - identitiesMax: occurrences kept, and so identities at most; at least 1.
    package init(offsetsMax: Int64 = 20_000, identitiesMax: Int = 500_000) {
        self.offsetsMax = min(max(offsetsMax, 1), Int64(Int32.max))
        occurrencesMax = min(max(identitiesMax, 1), Int(Int32.max))
    }

    /// Forgets everything, as if nothing had been read; what was counted of evictions stays.
    mutating func removeAll() {
        var fresh = EventIdentityWindow(offsetsMax: offsetsMax, identitiesMax: occurrencesMax)
        fresh.evictions = evictions
        self = fresh
    }

    /// Reads where each of these events will be looked for, and where those lie that are dropped for them, so that all is near when `take`
    /// comes: a worker's partitions hold more together than the processor's caches.
    mutating func approach(_ events: [DeliveredEvent]) {
        let mask = places.count - 1
        guard mask > 0, let latestOffset else { return }
        for event in events { approached ^= places[EventIdentityWindow.home(of: event.identity) & mask] }
        let age = Int64(UInt32(truncatingIfNeeded: latestOffset) &- offsets[first])
        guard age > offsetsMax - Int64(events.count) || occurrences == occurrencesMax else { return }
        var place = first
        for _ in 0..<min(events.count, occurrences) {
            approached ^= places[EventIdentityWindow.home(of: identities[place]) & mask]
            place += 1
            if place == identities.count { place = 0 }
        }
    }

    /// How many occurrences of one identity are looked at for the same facts; what lies behind them and is delivered again counts again, in
    /// conflict. Nobody can make a delivery cost more.
    static let lookbackMax = 256

    /// Takes in the event with this identity and these facts at an offset, and says how it stands to what occurred before. Offsets
    /// never go down; one that does is taken for the latest.
    mutating func take(_ identity: EventIdentity, facts: UInt64, at offset: Int64) -> EventDelivery {
        advance(to: offset)
        if occurrences == occurrencesMax, dropFirst() { evictions += 1 }
        if occurrences == identities.count { grow() }
        var place = first + occurrences
        if place >= identities.count { place -= identities.count }
        identities[place] = identity
        offsets[place] = UInt32(truncatingIfNeeded: latestOffset ?? 0)
        self.facts[place] = facts
        occurrences += 1
        let slot = slot(of: identity)
        let latest = Int(places[slot]) - 1
        places[slot] = UInt32(place + 1)
        guard latest >= 0 else {
            distances[place] = 0
            count += 1
            return .first
        }
        let distance = place > latest ? place - latest : place - latest + identities.count
        distances[place] = UInt32(distance)
        return hasOccurred(facts, from: latest) ? .repeated : .conflicting
    }

    /// Whether an identity occurred with these facts at `place` or before.
    private borrowing func hasOccurred(_ facts: UInt64, from place: Int) -> Bool {
        var place = place
        var age = place - first
        if age < 0 { age += identities.count }
        for _ in 0..<EventIdentityWindow.lookbackMax {
            if self.facts[place] == facts { return true }
            let distance = Int(distances[place])
            // What lies before the first was dropped.
            if distance == 0 || distance > age { return false }
            age -= distance
            place -= distance
            if place < 0 { place += identities.count }
        }
        return false
    }

    /// Drops what is too old to matter at an offset; as a record there would do.
    mutating func advance(to offset: Int64) {
        let latest = max(offset, latestOffset ?? offset)
        guard latest != latestOffset else { return }
        if let before = latestOffset {
            let (distance, overflow) = latest.subtractingReportingOverflow(before)
            if overflow || distance > offsetsMax {
                // Past all of them, and maybe further than the lower halves can tell.
                while occurrences > 0 { dropFirst() }
            }
        }
        latestOffset = latest
        let now = UInt32(truncatingIfNeeded: latest)
        while occurrences > 0, Int64(now &- offsets[first]) > offsetsMax {
            dropFirst()
        }
    }

    // MARK: Inside

    /// Drops the oldest occurrence; true when its identity goes with it, having none that is later.
    @discardableResult
    private mutating func dropFirst() -> Bool {
        let slot = slot(of: identities[first])
        let isLatest = places[slot] == UInt32(first + 1)
        if isLatest {
            free(slot)
            count -= 1
        }
        first += 1
        if first == identities.count { first = 0 }
        occurrences -= 1
        return isLatest
    }

    /// The slot that holds an identity, or the free one where it belongs. Borrowed, because inlined it would copy all arrays' references.
    private borrowing func slot(of identity: EventIdentity) -> Int {
        let mask = places.count - 1
        var slot = EventIdentityWindow.home(of: identity) & mask
        while places[slot] != 0, identities[Int(places[slot]) - 1] != identity { slot = (slot + 1) & mask }
        return slot
    }

    /// Frees a slot and moves up those behind it that were pushed past it, so that every probe still finds its end.
    private mutating func free(_ freed: Int) {
        let mask = places.count - 1
        var hole = freed
        var slot = (hole + 1) & mask
        while places[slot] != 0 {
            let home = EventIdentityWindow.home(of: identities[Int(places[slot]) - 1]) & mask
            // Its way from home to here, in steps, leads over the hole.
            if (slot - home) & mask >= (slot - hole) & mask {
                places[hole] = places[slot]
                hole = slot
            }
            slot = (slot + 1) & mask
        }
        places[hole] = 0
    }

    /// Only where an identity lies depends on the process's seed; what is a duplicate does not. Without a seed, someone who
    /// chooses identities could make them all lie in one place.
    private static func home(of identity: EventIdentity) -> Int {
        let hash = KeyedHash.processLocal
        return Int(truncatingIfNeeded: hash.combine(identity.low, hash.combine(identity.high, hash.initial)))
    }

    private mutating func grow() {
        let capacity = min(max(1024, identities.count * 2), occurrencesMax)
        let held = (0..<occurrences).map { (first + $0) % identities.count }
        var wider: [EventIdentity] = []
        wider.reserveCapacity(capacity)
        for place in held { wider.append(identities[place]) }
        wider += repeatElement(EventIdentity(high: 0, low: 0), count: capacity - occurrences)
        offsets = held.map { offsets[$0] } + [UInt32](repeating: 0, count: capacity - occurrences)
        facts = held.map { facts[$0] } + [UInt64](repeating: 0, count: capacity - occurrences)
        distances = held.map { distances[$0] } + [UInt32](repeating: 0, count: capacity - occurrences)
        identities = wider
        first = 0
        var slots = 2
        while slots < capacity * 2 { slots *= 2 }
        places = [UInt32](repeating: 0, count: slots)
        // In their order, so that the latest of each identity stays.
        for place in 0..<occurrences { places[slot(of: identities[place])] = UInt32(place + 1) }
    }
}

/// An event's identity in 128 bits.
struct EventIdentity: Hashable, Sendable, BitwiseCopyable {
    let high: UInt64
    let low: UInt64

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    init(_ text: RawSpan) {
        if let uuid = EventIdentity(uuid: text) {
            self = uuid
        } else {
            self.init(hashing: text)
        }
    }

    /// `nil` for what is no UUID as RFC 9562 writes it, in lower case: another case is another text.
    private init?(uuid text: RawSpan) {
        guard text.byteCount == 36 else { return nil }
        func word(_ place: Int) -> UInt64 {
            UInt64(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self))
        }
        func half(_ place: Int) -> UInt64 {
            UInt64(UInt32(littleEndian: text.unsafeLoadUnaligned(fromByteOffset: place, as: UInt32.self)))
        }
        func isHyphen(_ place: Int) -> Bool { text.unsafeLoad(fromByteOffset: place, as: UInt8.self) == 0x2D }
        guard isHyphen(8), isHyphen(13), isHyphen(18), isHyphen(23),
            let first = EventIdentity.bits(word(0)), let second = EventIdentity.bits(half(9) | half(14) << 32),
            let third = EventIdentity.bits(half(19) | half(24) << 32), let fourth = EventIdentity.bits(word(28))
        else { return nil }
        self.init(high: first << 32 | second, low: third << 32 | fourth)
    }

    /// The 32 bits that eight hexadecimal digits in lower case stand for, the first digit in the lowest byte; `nil` where one
    /// is something else. All eight at once: a digit's value is made of its low four bits, nine more for a letter, and
    /// the text that the values stand for must be the one that was read.
    private static func bits(_ digits: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let lowBits: UInt64 = 0x0F0F_0F0F_0F0F_0F0F
        let letters = (digits >> 6) & ones
        let values = ((digits & lowBits) &+ (9 &* letters)) & lowBits
        // A value from ten on carries into the fifth bit when six is added.
        let fromTen = ((values &+ (6 &* ones)) >> 4) & ones
        guard values &+ (0x30 &* ones) &+ (39 &* fromTen) == digits else { return nil }
        var bits = values << 4 | values >> 8
        bits &= 0x00FF_00FF_00FF_00FF
        bits = (bits | bits >> 8) & 0x0000_FFFF_0000_FFFF
        bits = (bits | bits >> 16) & 0xFFFF_FFFF
        return UInt64(UInt32(truncatingIfNeeded: bits).byteSwapped)
    }

    private init(hashing text: RawSpan) {
        var hash = SHA256()
        text.withUnsafeBytes { hash.update(bufferPointer: $0) }
        var words: (UInt64, UInt64) = (0, 0)
        for (place, byte) in hash.finalize().prefix(16).enumerated() {
            if place < 8 {
                words.0 = words.0 << 8 | UInt64(byte)
            } else {
                words.1 = words.1 << 8 | UInt64(byte)
            }
        }
        self.init(high: words.0, low: words.1)
    }
}
