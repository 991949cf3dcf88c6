import Statistics
import Testing

@testable import Counting

@Suite struct EventIdentityWindowTests {
    private struct Delivery {
        let offset: Int64
        let identity: EventIdentity
        var facts: UInt64 = 0
    }

    private static func identity(_ number: Int) -> EventIdentity {
        // Alike in half of their bits, so that places collide.
        EventIdentity(high: 7, low: UInt64(number))
    }

    private static func identity(_ text: String) -> EventIdentity {
        let bytes = Array(text.utf8)
        return EventIdentity(bytes.span.bytes)
    }

    private func isKnown(_ window: inout EventIdentityWindow, _ identity: EventIdentity, _ offset: Int64) -> Bool {
        window.take(identity, facts: 0, at: offset) == .repeated
    }

    /// A log with gaps between offsets, several events in some records, and many events delivered again.
    private static func log(_ count: Int, identities: Int, _ random: inout SeededGenerator) -> [Delivery] {
        var offset = Int64(random.next() % 5000)
        return (0..<count).map { _ in
            switch random.next() % 10 {
            case 0: offset += Int64(random.next() % 40)
            case 1...5: offset += 1
            default: break
            }
            // Now and then somebody else uses an identity.
            return Delivery(
                offset: offset, identity: identity(Int(random.next() % UInt64(identities))),
                facts: random.next() % 4 == 0 ? 1 + random.next() % 3 : 0)
        }
    }

    /// The rule, word by word.
    private static func judgement(
        of place: Int, in log: [Delivery], offsetsMax: Int64, occurrencesMax: Int
    ) -> EventDelivery {
        let same = log[max(0, place - occurrencesMax + 1)..<place].filter {
            $0.identity == log[place].identity && log[place].offset - $0.offset <= offsetsMax
        }
        if same.isEmpty { return .first }
        return same.contains { $0.facts == log[place].facts } ? .repeated : .conflicting
    }

    @Test(arguments: [101, 102, 103, 104] as [UInt64])
    func duplicatesAreThoseOfTheRule(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for (offsetsMax, occurrencesMax) in [(1, 50), (40, 1), (40, 64), (300, 100), (100_000, 3000)] {
            let log = EventIdentityWindowTests.log(4000, identities: 120, &random)
            var window = EventIdentityWindow(offsetsMax: Int64(offsetsMax), identitiesMax: occurrencesMax)
            for (place, delivery) in log.enumerated() {
                let wanted = EventIdentityWindowTests.judgement(
                    of: place, in: log, offsetsMax: Int64(offsetsMax), occurrencesMax: occurrencesMax)
                let found = window.take(delivery.identity, facts: delivery.facts, at: delivery.offset)
                #expect(found == wanted, "delivery \(place)")
            }
            #expect(window.occurrences <= occurrencesMax && window.count <= window.occurrences)
        }
    }

    /// The promise that exact counting after a restart rests on: reading back makes the window of one that never stopped.
    @Test(arguments: [111, 112, 113, 114, 115, 116] as [UInt64])
    func readingBackMakesTheWindowOfOneThatNeverStopped(seed: UInt64) {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let offsetsMax: Int64 = 80
        let occurrencesMax = seed % 2 == 0 ? 10_000 : 90
        let log = EventIdentityWindowTests.log(3000, identities: 150, &random)
        var whole = EventIdentityWindow(offsetsMax: offsetsMax, identitiesMax: occurrencesMax)
        var judged: [EventDelivery] = []
        for delivery in log { judged.append(whole.take(delivery.identity, facts: delivery.facts, at: delivery.offset)) }
        #expect(Set(judged.map { "\($0)" }).count == 3)
        for _ in 0..<60 {
            // A source is resumed at the beginning of a record.
            let resumed = log[Int(random.next() % UInt64(log.count))].offset
            var window = EventIdentityWindow(offsetsMax: offsetsMax, identitiesMax: occurrencesMax)
            for (place, delivery) in log.enumerated() where delivery.offset >= resumed - offsetsMax {
                let found = window.take(delivery.identity, facts: delivery.facts, at: delivery.offset)
                if delivery.offset >= resumed { #expect(found == judged[place], "from \(resumed)") }
            }
            #expect(window.count == whole.count && window.occurrences == whole.occurrences)
        }
    }

    /// One that forgot its third delivery's predecessor would count it anew after a restart.
    @Test func aDuplicateKeepsItsIdentityAlive() {
        var window = EventIdentityWindow(offsetsMax: 10)
        let identity = EventIdentityWindowTests.identity(1)
        #expect(!isKnown(&window, identity, 0))
        #expect(isKnown(&window, identity, 10))
        #expect(isKnown(&window, identity, 20))
        #expect(!isKnown(&window, identity, 31))
        #expect(window.evictions == 0)
    }

    @Test func whatTheBoundDropsIsToldFromWhatGrewOld() {
        var window = EventIdentityWindow(offsetsMax: 100, identitiesMax: 3)
        for number in 0..<5 { _ = window.take(EventIdentityWindowTests.identity(number), facts: 0, at: 0) }
        #expect(window.evictions == 2 && window.count == 3)
        window.advance(to: 101)
        #expect(window.evictions == 2 && window.count == 0)
        // An occurrence that has a later one takes no identity with it.
        for _ in 0..<9 { _ = window.take(EventIdentityWindowTests.identity(1), facts: 0, at: 101) }
        #expect(window.evictions == 2 && window.count == 1)
    }

    @Test func anIdentityOfManyFactsCostsNoMoreThanItsLatest() {
        var (window, all) = (EventIdentityWindow(), EventIdentitySet())
        let identity = EventIdentityWindowTests.identity(1)
        let many = UInt64(EventIdentityWindow.lookbackMax)
        for facts in 0..<2 * many {
            let wanted: EventDelivery = facts == 0 ? .first : .conflicting
            #expect(window.take(identity, facts: facts + 1, at: 0) == wanted)
            #expect(all.take(identity, facts: facts + 1) == wanted)
        }
        let remembered = UInt64(EventIdentitySet.variantsMax)
        // The window keeps the latest, the set the first.
        #expect(window.take(identity, facts: 2 * many, at: 0) == .repeated)
        #expect(window.take(identity, facts: 1, at: 0) == .conflicting)
        #expect(all.take(identity, facts: remembered) == .repeated)
        #expect(all.take(identity, facts: remembered + 1) == .conflicting)
        #expect(all.count == Int(remembered))
    }

    @Test func aSetRemembersEachWithItsFacts() {
        var set = EventIdentitySet()
        let zero = EventIdentity(high: 0, low: 0)
        #expect(set.take(zero, facts: 0) == .first)
        #expect(set.take(zero, facts: 0) == .repeated)
        #expect(set.take(zero, facts: 9) == .conflicting)
        for number in 1...20_000 { #expect(set.take(EventIdentityWindowTests.identity(number), facts: 5) == .first) }
        for number in 1...20_000 { #expect(set.take(EventIdentityWindowTests.identity(number), facts: 5) == .repeated) }
        #expect(set.count == 20_002)
    }

    /// Tables grow between the look ahead and the taking, and a batch holds events that are in it twice.
    @Test func lookingAheadChangesNoVerdict() {
        var generator = SeededGenerator(seed: 11)
        var (plain, ahead) = (EventIdentitySet(), EventIdentitySet())
        var seen: [EventIdentity: Set<UInt64>] = [:]
        for _ in 0..<200 {
            let batch = (0..<256).map { row in
                let number = Int.random(in: 0..<20_000, using: &generator)
                let facts = UInt64.random(in: 1...2, using: &generator)
                return DeliveredEvent(
                    row: row, index: row, identity: EventIdentityWindowTests.identity(number), facts: facts)
            }
            ahead.approach(batch)
            for event in batch {
                let before = seen[event.identity, default: []]
                let wanted: EventDelivery =
                    before.isEmpty ? .first : before.contains(event.facts) ? .repeated : .conflicting
                seen[event.identity, default: []].insert(event.facts)
                #expect(plain.take(event.identity, facts: event.facts) == wanted)
                #expect(ahead.take(event.identity, facts: event.facts) == wanted)
            }
        }
        #expect(ahead.count == plain.count)
    }

    /// Through growth, through both bounds and past a gap in the offsets; as the window that looks at each by itself, and as the rule says.
    @Test(arguments: [(300, 500_000), (1 << 20, 700)])
    func aWindowThatLooksAheadSaysTheSame(offsetsMax: Int64, identitiesMax: Int) {
        var generator = SeededGenerator(seed: 12)
        var plain = EventIdentityWindow(offsetsMax: offsetsMax, identitiesMax: identitiesMax)
        var ahead = plain
        var occurred: [(identity: EventIdentity, facts: UInt64, offset: Int64)] = []
        var offset: Int64 = 0
        var found: [EventDelivery: Int] = [:]
        ahead.approach([])
        for _ in 0..<100 {
            let batch = (0..<Int.random(in: 1...64, using: &generator)).map { row in
                DeliveredEvent(
                    row: row, index: row,
                    identity: EventIdentityWindowTests.identity(Int.random(in: 0..<900, using: &generator)),
                    facts: UInt64.random(in: 1...2, using: &generator))
            }
            ahead.approach(batch)
            for event in batch {
                occurred.removeAll { offset - $0.offset > offsetsMax }
                if occurred.count == identitiesMax { occurred.removeFirst() }
                let before = occurred.filter { $0.identity == event.identity }
                let wanted: EventDelivery =
                    before.isEmpty ? .first : before.contains { $0.facts == event.facts } ? .repeated : .conflicting
                found[wanted, default: 0] += 1
                #expect(plain.take(event.identity, facts: event.facts, at: offset) == wanted)
                #expect(ahead.take(event.identity, facts: event.facts, at: offset) == wanted)
                occurred.append((event.identity, event.facts, offset))
                offset += Int.random(in: 0..<500, using: &generator) == 0 ? 2 * min(offsetsMax, 1000) : 1
            }
        }
        #expect(found.count == 3 && found.values.allSatisfy { $0 > 100 }, "the test is of something: \(found)")
        #expect(ahead.count == plain.count && ahead.occurrences == plain.occurrences)
        #expect(ahead.evictions == plain.evictions)
    }

    @Test func offsetsFarApartOrOutOfOrderNeverTrap() {
        var window = EventIdentityWindow(offsetsMax: .max, identitiesMax: .max)
        let identity = EventIdentityWindowTests.identity(1)
        #expect(!isKnown(&window, identity, .min))
        #expect(!isKnown(&window, identity, .max))
        #expect(isKnown(&window, identity, 3), "taken for the latest offset")
        // The lower halves of these are alike.
        var far = EventIdentityWindow(offsetsMax: 5)
        #expect(!isKnown(&far, identity, 0))
        #expect(!isKnown(&far, identity, 1 << 32))
        #expect(!isKnown(&far, identity, 3 << 32))
    }

    @Test func aUUIDIsItsBytesAndAnyOtherTextItsHash() {
        let uuid = EventIdentityWindowTests.identity("01234567-89ab-cdef-0123-456789abcdef")
        #expect(uuid == EventIdentity(high: 0x0123_4567_89AB_CDEF, low: 0x0123_4567_89AB_CDEF))
        // The test vector of FIPS 180-4 for "abc".
        let hashed = EventIdentityWindowTests.identity("abc")
        #expect(hashed == EventIdentity(high: 0xBA78_16BF_8F01_CFEA, low: 0x4141_40DE_5DAE_2223))
        let others = [
            "01234567-89AB-CDEF-0123-456789ABCDEF", "0123456789abcdef0123456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdeg", "01234567-89ab-cdef-0123+456789abcdef", "",
            "01234567-89ab-cdef-0123-456789abcdef ",
        ]
        let identities = others.map { EventIdentityWindowTests.identity($0) }
        #expect(Set(identities + [uuid, hashed]).count == others.count + 2)
    }
}
