import JSON
import Statistics
import TelemetryModel
import Testing

@testable import Aggregation

@Suite struct RollupChangeJSONTests {
    private func text(_ state: MeasureState) -> String {
        var json = JSONWriter()
        state.write(to: &json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private func read(_ text: String) throws(JSONCursorError) -> MeasureState {
        var json = JSONCursor(Array(text.utf8))
        let state = try MeasureState(reading: &json)
        try json.end()
        return state
    }

    private func sum(_ values: [Double], integers: [Int64] = []) -> ExactSum {
        var sum = ExactSum()
        for value in values { sum.add(value) }
        for value in integers { sum.add(value) }
        return sum
    }

    private func distinct(_ values: [String]) -> MeasureState {
        .distinct(.exact(values.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }))
    }

    @Test func statesReadAsTheyAreDescribed() throws {
        let sketch = {
            var sketch = QuantileSketch()
            for value in [1.0, 1, 2, 0] { sketch.insert(value) }
            return sketch
        }()
        let cases: [(MeasureState, String)] = [
            (.count(12), "12"),
            (.sum(nil), #"{"sum":null}"#),
            (.sum(sum([], integers: [.max, .max])), #"{"sum":18446744073709551614}"#),
            (.sum(sum([0.5, -4])), #"{"sum":[-4,"800000000000000000000000"]}"#),
            (.sum(sum([.infinity])), #"{"sum":"overflow"}"#),
            (.extremum(nil), #"{"extremum":null}"#),
            (.extremum(.integer(-3)), #"{"extremum":-3}"#),
            (.extremum(.double(2.5)), #"{"extremum":2.5}"#),
            (distinct(["80", "443", "a", "", "007"]), #"{"distinct":["","007",443,80,"a"]}"#),
            (.distinct(.exact([[0xFF, 0x00]])), #"{"distinct":[{"base64":"/wA="}]}"#),
            (.quantile(sketch), #"{"joins":0,"steps":[0,130945,128],"counts":[1,2,1]}"#),
        ]
        for (state, wanted) in cases {
            #expect(text(state) == wanted)
            #expect(try read(wanted) == state)
        }
    }

    @Test func aChangeReadsAsItIsDescribed() throws {
        let change = RollupChange(
            windowStart: Timestamp(nanoseconds: 1_768_467_600_000_000_000), group: ["eni-1", nil, ""],
            measures: [.count(1), .sum(nil)])
        var json = JSONWriter()
        change.write(to: &json)
        let wanted = #"{"window":"2026-01-15T09:00:00Z","group":["eni-1",null,""],"measures":[1,{"sum":null}]}"#
        #expect(String(decoding: json.bytes, as: UTF8.self) == wanted)
        var cursor = JSONCursor(json.bytes)
        #expect(try RollupChange(reading: &cursor) == change)
        var more = JSONCursor(Array(#"{"measures":[],"new":[{}],"group":[],"window":"2026-01-15T09:00:00Z"}"#.utf8))
        #expect(try RollupChange(reading: &more).measures.isEmpty)
    }

    @Test(arguments: [81, 82] as [UInt64])
    func everyStateComesBackBitByBit(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<400 {
            let state = randomState(&random)
            #expect(try read(text(state)) == state)
        }
    }

    private func randomState(_ random: inout SeededGenerator) -> MeasureState {
        func double() -> Double { Double(bitPattern: random.next()) }
        switch random.next() % 6 {
        case 0:
            return .count(random.next() >> (random.next() % 64))
        case 1:
            let doubles = (0..<random.next() % 5).map { _ in
                Double(Int64(truncatingIfNeeded: random.next()))
                    * Double(sign: .plus, exponent: -Int(random.next() % 110), significand: 1)
            }
            return .sum(sum(doubles, integers: [Int64(truncatingIfNeeded: random.next())]))
        case 2:
            return .extremum(
                random.next() % 3 == 0 ? .integer(Int64(truncatingIfNeeded: random.next())) : Number(double()))
        case 3:
            var set = Set<[UInt8]>()
            for _ in 0..<random.next() % 30 {
                switch random.next() % 3 {
                case 0: set.insert(Array(String(random.next() >> (30 + random.next() % 34)).utf8))
                case 1: set.insert((0..<random.next() % 9).map { _ in UInt8(truncatingIfNeeded: random.next()) })
                default: set.insert(Array("é\"\\\u{1}\(random.next() % 100)".utf8))
                }
            }
            return .distinct(.exact(set.sorted { $0.lexicographicallyPrecedes($1) }))
        case 4:
            var sketch = HyperLogLog()
            for _ in 0..<random.next() % 2000 { sketch.insert(hash: random.next()) }
            return .distinct(.estimate(sketch))
        default:
            var sketch = QuantileSketch()
            for _ in 0..<random.next() % 3000 { sketch.insert(double()) }
            return .quantile(sketch)
        }
    }

    @Test(arguments: [
        "-1", "1.5", "18446744073709551616", "{}", "[]", "null", #"{"sum":{}}"#, #"{"sum":"over"}"#, #"{"sum":[1]}"#,
        #"{"sum":[1,"8"]}"#, #"{"sum":[1,"+80000000000000000000000"]}"#, #"{"sum":[1,"g00000000000000000000000"]}"#,
        #"{"sum":39614081257132168796771975168}"#, #"{"sum":-39614081257132168796771975168}"#, #"{"extremum":"1"}"#,
        #"{"distinct":["b","a"]}"#, #"{"distinct":["a","a"]}"#, #"{"distinct":[80,"80"]}"#, #"{"distinct":[-1]}"#,
        #"{"distinct":[{"base64":"/wA"}]}"#, #"{"distinct":[{"base64":"/wB="}]}"#, #"{"registers":"AAAA"}"#,
        #"{"registers":"?"}"#, #"{"joins":0,"steps":[1],"counts":[]}"#, #"{"joins":9,"steps":[1],"counts":[1]}"#,
        #"{"joins":0,"steps":[1,0],"counts":[1,1]}"#, #"{"joins":0,"steps":[9999999999],"counts":[1]}"#,
        #"{"joins":0,"steps":[9223372036854775807,1],"counts":[1,1]}"#, #"{"joins":0,"steps":[1],"counts":[0]}"#,
        #"{"joins":0,"steps":[1,1],"counts":[18446744073709551615,1]}"#, #"{"sum":1,"extremum":2}"#, #"{"more":1}"#,
    ])
    func whatIsNoStateIsRefused(text: String) {
        #expect(throws: JSONCursorError.self) { try read(text) }
    }

    @Test(arguments: [83] as [UInt64])
    func changedBytesAreRefusedOrReadAndNeverTrap(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try RollupPropertyTests.fixture()
        let events = RollupPropertyTests.events(40, &random)
        var source = fixture.engine(events)
        var refused = 0
        let changes = source.takeAll()
        var engine = RollupEngine(fixture.plan)
        for step in 0..<2000 {
            var json = JSONWriter()
            changes[step % changes.count].write(to: &json)
            var bytes = json.bytes
            for _ in 0..<1 + random.next() % 3 {
                let place = Int(random.next() % UInt64(bytes.count))
                bytes[place] =
                    random.next() % 2 == 0
                    ? bytes[Int(random.next() % UInt64(bytes.count))] : UInt8(truncatingIfNeeded: random.next())
            }
            var cursor = JSONCursor(bytes)
            do {
                let change = try RollupChange(reading: &cursor)
                _ = engine.restore(change)
            } catch { refused += 1 }
        }
        #expect(refused > 0)
    }

    @Test func seriesHashesTellAbsentFromEmptyAndNeverChange() {
        func hash(_ group: [String?]) -> UInt64 { RollupChange.seriesHash(rollup: "r", group: group) }
        let groups: [[String?]] = [
            [], [nil], [""], [nil, nil], ["", nil], [nil, ""], ["ab", "c"], ["a", "bc"], ["abc"],
        ]
        #expect(Set(groups.map(hash)).count == groups.count)
        // FNV-1a of 64 bits over "r", and over "r", FE, "a", FF.
        #expect(hash([]) == 0xAF63_EF4C_8602_0CD5)
        #expect(hash(["a", nil]) == 0xCCD2_9B1D_3350_B85D)
    }
}

@Suite struct RollupAmountsTests {
    /// Counting by amounts: what each flush took, through JSON and in any order, adds up to what one engine counted.
    @Test(arguments: RollupPropertyTests.seeds)
    func amountsTakenAtAnyFlushesAddUpInAnyOrder(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try RollupPropertyTests.fixture()
        let events = RollupPropertyTests.events(3000, &random)
        var amounts: [RollupChange] = []
        // Two source partitions, each flushed now and then.
        for part in 0..<2 {
            let own = events.enumerated().filter { $0.offset % 2 == part }.map(\.element)
            var engine = RollupEngine(fixture.plan)
            var place = 0
            while place < own.count {
                let end = min(own.count, place + 1 + Int(random.next() % 400))
                fixture.feed(Array(own[place..<end]), to: &engine)
                place = end
                amounts += engine.takeAll()
                let isEmpty = engine.windowStarts.isEmpty
                #expect(isEmpty)
            }
            let nothing = engine.takeAll()
            #expect(nothing.isEmpty)
        }
        var sum = RollupEngine(fixture.plan)
        for change in amounts.shuffled(using: &random) {
            var json = JSONWriter()
            change.write(to: &json)
            var cursor = JSONCursor(json.bytes)
            let isRestored = sum.restore(try RollupChange(reading: &cursor))
            #expect(isRestored)
        }
        let (found, wanted) = (fixture.csv(sum), fixture.csv(fixture.engine(events)))
        #expect(found == wanted)
        var whole = fixture.engine(events)
        let (states, sums) = (whole.takeAll(), sum.takeAll())
        #expect(states == sums)
    }

    /// A set turns into an estimate where its 4,097th value comes, be that while counting or while adding up.
    @Test(arguments: [84] as [UInt64])
    func estimatesAndQuantilesAddUpToo(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let fixture = try RollupFixture(
            groupBy: ["action"],
            measures: [
                measure("sources", .distinct(RollupFixture.path("srcaddr"), exact: false)),
                measure("median", .quantile(RollupFixture.path("bytes"), 0.5)),
            ])
        let events = (0..<14_000).map { index in
            SampleEvent(
                time: 0,
                fields: [
                    .absent, .text(index % 7 == 0 ? "REJECT" : "ACCEPT"), .text("10.0.\(index % 9000)"),
                    .double(Double(Int64(truncatingIfNeeded: random.next()) >> 30) / 7), .absent, .absent,
                ])
        }
        var engine = RollupEngine(fixture.plan)
        var amounts: [RollupChange] = []
        for end in [3000, 9500, 14_000] {
            fixture.feed(Array(events[(end == 3000 ? 0 : end == 9500 ? 3000 : 9500)..<end]), to: &engine)
            amounts += engine.takeAll()
        }
        var whole = fixture.engine(events)
        let wanted = whole.takeAll()
        for _ in 0..<4 {
            var sum = RollupEngine(fixture.plan)
            for change in amounts.shuffled(using: &random) {
                var json = JSONWriter()
                change.write(to: &json)
                var cursor = JSONCursor(json.bytes)
                _ = sum.restore(try RollupChange(reading: &cursor))
            }
            let found = sum.takeAll()
            #expect(found == wanted)
        }
        let kinds = wanted.map { change in
            if case .distinct(.estimate) = change.measures[0] { "estimate" } else { "exact" }
        }
        #expect(kinds == ["estimate", "exact"], "both kinds are under test")
    }

    @Test func whatIsTakenIsInOrderAndCountedOnce() throws {
        let fixture = try RollupFixture(groupBy: ["action"], measures: [measure("n", .count)])
        func event(_ minute: Int64, _ action: String) -> SampleEvent {
            SampleEvent(
                time: minute * 60_000_000_000,
                fields: [.absent, .text(action), .absent, .absent, .absent, .absent])
        }
        var engine = RollupEngine(fixture.plan)
        fixture.feed([event(1, "b"), event(0, "b"), event(1, "a"), event(1, "b")], to: &engine)
        let first = engine.takeAll()
        fixture.feed([event(1, "b")], to: &engine)
        let second = engine.takeAll()
        func change(_ minute: Int64, _ action: String, _ count: UInt64) -> RollupChange {
            RollupChange(
                windowStart: Timestamp(nanoseconds: minute * 60_000_000_000), group: [action],
                measures: [.count(count)])
        }
        #expect(first == [change(0, "b", 1), change(1, "a", 1), change(1, "b", 2)])
        #expect(second == [change(1, "b", 1)])
    }

    /// An endless run sees ever new groups; those of long ago must not stay.
    @Test func groupsOfLongAgoAreForgotten() throws {
        let fixture = try RollupFixture(groupBy: ["action"], measures: [measure("n", .count)])
        var engine = RollupEngine(fixture.plan)
        for round in 0..<200 {
            let events = (0..<50).map { index in
                SampleEvent(
                    time: 0,
                    fields: [.absent, .text("group-\(round)-\(index)"), .absent, .absent, .absent, .absent])
            }
            fixture.feed(events, to: &engine)
            #expect(engine.takeAll().count == 50)
        }
        // Ten thousand came by.
        let held = engine.heldBytes
        #expect(held < 2_000 * 60)
    }
}
