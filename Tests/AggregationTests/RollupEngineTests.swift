import Testing

import Aggregation
import Statistics
import TelemetryModel

@Suite struct RollupEngineTests {
    private func event(
        _ seconds: Int64, _ interface: FieldSample = .absent, action: FieldSample = .absent,
        source: FieldSample = .absent, bytes: FieldSample = .absent, port: FieldSample = .absent
    ) -> SampleEvent {
        SampleEvent(
            time: seconds * 1_000_000_000, fields: [interface, action, source, bytes, port, .text("OK")])
    }

    @Test func cellsOfGroupsComputeNothingInASpreadsheet() throws {
        let fixture = try RollupFixture(
            groupBy: ["interface_id", "action"], measures: [measure("low", .min(RollupFixture.path("bytes")))])
        let texts = ["=1+1", "-5", "-", "@a", "\u{1B}[2J\u{202E}", "a;=1", String(repeating: "\u{1}", count: 300)]
        let csv = fixture.csv(
            fixture.engine(texts.enumerated().map { event(60, .text($1), action: .text("\($0)"), bytes: .integer(-7)) })
        )
        let cells = [
            "'=1+1,0", "-5,1", "-,2", "'@a,3", #"\u{1B}[2J\u{202E},4"#, "a;'=1,5",
            String(repeating: #"\u{01}"#, count: 300) + ",6",
        ]
        // Numbers of our own stay numbers.
        #expect(Set(csv.split(separator: "\n").dropFirst()) == Set(cells.map { "60,\($0),-7" }))
    }

    @Test func cellsAreWrittenAsTheStandardForCSVAsks() throws {
        let fixture = try RollupFixture(
            groupBy: ["interface_id", "action"],
            measures: [
                measure("n", .count), measure("sum, all", .sum(RollupFixture.path("bytes"))),
                measure("high", .max(RollupFixture.path("bytes"))),
            ])
        let engine = fixture.engine([
            event(60, .json("{\"a\":1,\"b\":2}"), action: .text("x"), bytes: .double(0.1)),
            event(61, .json("{\"a\":1,\"b\":2}"), action: .text("x"), bytes: .double(0.2)),
            event(62, .text("b"), action: .text("line\nfeed"), bytes: .integer(.max)),
            event(63, .text("b"), action: .text("line\nfeed"), bytes: .integer(.max)),
            event(64, .text(""), action: .null),
            event(65, .absent, action: .text("z"), bytes: .double(1e300)),
            event(-1, .text("b"), action: .text("a"), bytes: .double(2)),
        ])
        let csv = fixture.csv(engine)
        #expect(
            csv == """
                window_start,interface_id,action,n,"sum, all",high
                -60,b,a,1,2,2
                60,,z,1,NaN,1e+300
                60,"",,1,,
                60,b,line\\nfeed,2,18446744073709551614,9223372036854775807
                60,"{""a"":1,""b"":2}",x,2,0.30000000000000004,0.2

                """)
    }

    @Test func sixteenExtremaFillTheFlagsOfACell() throws {
        let fixture = try RollupFixture(
            groupBy: ["action"],
            measures: (0..<16).map { measure("m\($0)", .min(RollupFixture.path($0 == 15 ? "dstport" : "bytes"))) })
        let engine = fixture.engine([
            event(0, action: .text("a"), bytes: .integer(7)),
            event(1, action: .text("b"), port: .integer(5)), event(2, action: .text("b"), port: .double(4.5)),
        ])
        let rows = fixture.csv(engine).split(separator: "\n").dropFirst().map(String.init)
        #expect(
            rows == ["0,a," + String(repeating: "7,", count: 15), "0,b," + String(repeating: ",", count: 15) + "4.5"])
    }

    @Test func topKeepsTheLargestAndTiesGoToTheGroupThatSortsFirst() throws {
        let fixture = try RollupFixture(
            groupBy: ["srcaddr"],
            measures: [measure("ports", .distinct(RollupFixture.path("dstport"), exact: true))],
            top: TopDefinition(by: "ports", count: 3))
        var events: [SampleEvent] = []
        for (address, ports) in [("d", 2), ("e", 5), ("c", 2), ("a", 1), ("b", 2)] {
            for port in 0..<ports {
                events.append(event(0, source: .text(address), port: .integer(Int64(port))))
                events.append(event(1, source: .text(address), port: .integer(Int64(port))))
            }
        }
        let csv = fixture.csv(fixture.engine(events))
        #expect(csv == "window_start,srcaddr,ports\n0,b,2\n0,c,2\n0,e,5\n")
    }

    @Test func groupsBeyondTheBoundAreFoldedIntoOtherAndCounted() throws {
        let fixture = try RollupFixture(
            groupBy: ["interface_id", "action"], measures: [measure("n", .count)], groupsMax: 2)
        let engine = fixture.engine([
            event(0, .text("a"), action: .text("x")), event(1, .text("b"), action: .text("x")),
            event(2, .text("c"), action: .text("x")), event(3, .text("d"), action: .text("x")),
            event(4, .text("a"), action: .text("x")), event(60, .text("d"), action: .text("x")),
        ])
        let csv = fixture.csv(engine)
        #expect(
            csv
                == "window_start,interface_id,action,n\n0,(other),(other),2\n0,a,x,2\n0,b,x,1\n60,d,x,1\n")
        let folded = engine.counters.foldedEvents
        #expect(folded == 2)
        let counted = engine.counters.events
        #expect(counted == 6)
    }

    /// What was folded takes the place of no group when it is added up elsewhere, although it sorts before them; and parts,
    /// wherever they end, add up to all that was counted.
    @Test func whatWasFoldedTakesNoGroupsPlace() throws {
        let fixture = try RollupFixture(groupBy: ["interface_id"], measures: [measure("n", .count)], groupsMax: 2)
        let events = ["a", "z", "m", "q", "z", "y", "a", "q"].map { event(0, .text($0)) }
        let whole = fixture.csv(fixture.engine(events))
        #expect(whole == "window_start,interface_id,n\n0,(other),4\n0,a,2\n0,z,2\n")
        for size in 1...events.count {
            var part = RollupEngine(fixture.plan)
            var sum = RollupEngine(fixture.plan)
            for first in stride(from: 0, to: events.count, by: size) {
                fixture.feed(Array(events[first..<min(first + size, events.count)]), to: &part)
                for change in part.takeAll() {
                    let isRestored = sum.restore(change)
                    #expect(isRestored)
                }
            }
            let added = fixture.csv(sum)
            let rows = added.split(separator: "\n").dropFirst()
            #expect(rows.map { $0.split(separator: ",")[1] } == ["(other)", "a", "z"], "parts of \(size)")
            #expect(rows.reduce(0) { $0 + (Int($1.split(separator: ",")[2]) ?? 0) } == events.count)
            if size == events.count { #expect(added == whole) }
        }
    }

    @Test func everyRowHasAWindowHoweverManyAreOpen() throws {
        let fixture = try RollupFixture(groupBy: [], measures: [measure("n", .count)])
        let engine = fixture.engine((0..<20_000).map { event($0 * 60) })
        let windows = engine.windowCount
        #expect(windows == 20_000)
        let rows = fixture.csv(engine).split(separator: "\n").dropFirst()
        #expect(rows.count == 20_000)
        #expect(rows.allSatisfy { $0.hasSuffix(",1") })
        let latest = engine.eventTimes?.upperBound.seconds
        #expect(latest == 1_199_940)
    }

    @Test func takingWindowsInBetweenAndAddingThemUpGivesTheSame() throws {
        let fixture = try RollupFixture(groupBy: ["srcaddr"], measures: [measure("n", .count)])
        let events = (0..<2_000).map { event(Int64($0 * 37 % 600) * 60, source: .text("s\($0 % 7)")) }
        let whole = fixture.csv(fixture.engine(events))
        var engine = RollupEngine(fixture.plan)
        var sum = RollupEngine(fixture.plan)
        for part in stride(from: 0, to: events.count, by: 300) {
            fixture.feed(Array(events[part..<min(part + 300, events.count)]), to: &engine)
            for change in engine.takeAll() {
                let isAdded = sum.restore(change)
                #expect(isAdded)
            }
            let left = engine.windowCount
            #expect(left == 0)
        }
        let added = fixture.csv(sum)
        #expect(added == whole)
    }

    /// A user agent may be called anything; what is folded is added to none of them.
    @Test func noGroupHasTheNameOfTheFoldedOnes() throws {
        let fixture = try RollupFixture(groupBy: ["interface_id"], measures: [measure("n", .count)], groupsMax: 6)
        let names = ["other", "(other)", "((other))", "(other))", "(others)", "()"]
        let folded = ["b", "(((other)))"]
        let events = (names + names + folded).map { event(0, .text($0)) }
        let rows = fixture.csv(fixture.engine(events)).split(separator: "\n").dropFirst().map(String.init)
        #expect(
            rows == [
                "0,(((other))),2", "0,((other)),2", "0,(),2", "0,(other),2", "0,(other)),2", "0,(others),2",
                "0,other,2",
            ])
        // What was counted in one place and is added up in another keeps its name.
        var part = RollupEngine(fixture.plan, foldsGroups: false)
        fixture.feed(events, to: &part)
        let changes = part.takeAll()
        #expect(Set(changes.map(\.group)).count == 8)
        #expect(!changes.contains { $0.group == ["(other)"] })
        var sum = RollupEngine(fixture.plan)
        for change in changes {
            let isRestored = sum.restore(change)
            #expect(isRestored)
        }
        let window = sum.peekWindow(Timestamp(nanoseconds: 0))
        let found = try #require(window)
        #expect(found.count == 7)
        #expect(found[0].group == ["((((other))))"] || found[0].group == ["(((other)))"])
        var total: Int128 = 0
        for row in 0..<found.count { total += try #require(found[row].value(0).integerValue) }
        #expect(total == 14)
    }

    /// In every column, and also where a value is as long as values are kept.
    @Test func aLongNameLikeThatOfTheFoldedOnesKeepsItsLength() throws {
        let fixture = try RollupFixture(groupBy: ["interface_id", "action"], measures: [measure("n", .count)])
        let name = String(repeating: "(", count: 509) + "other" + String(repeating: ")", count: 509)
        var engine = fixture.engine([event(0, .text(name), action: .text("(other)"))])
        let changes = engine.takeAll()
        #expect(changes.map(\.group) == [["(\(name))", "((other))"]])
    }

    /// Bytes fold nothing: they are told, so that the feeder takes what is there.
    @Test func aHundredThousandKeysFoldNothingAndAreHeld() throws {
        let fixture = try RollupFixture(
            groupBy: ["srcaddr"], measures: [measure("n", .count)], groupsMax: 100_000)
        var engine = RollupEngine(fixture.plan)
        let padding = String(repeating: "x", count: 300)
        for block in 0..<100 {
            fixture.feed(
                (0..<1000).map { event(0, source: .text("principal-\(block * 1000 + $0)-\(padding)")) }, to: &engine,
                batchCapacity: 256)
        }
        let found = engine.peekWindow(Timestamp(nanoseconds: 0))
        let window = try #require(found)
        #expect(window.count == 100_000)
        let (folded, held) = (engine.counters.foldedEvents, engine.heldBytes)
        #expect(folded == 0)
        #expect(held > 100_000 * 300)
        let taken = engine.takeAll().count
        #expect(taken == 100_000)
        // Known groups cost nothing more in the next round; what is too much is let go.
        let kept = engine.heldBytes
        #expect((100_000 * 300..<held).contains(kept))
        let nothing = engine.takeAll(forgettingGroups: true).count
        let left = engine.heldBytes
        #expect(nothing == 0 && left == 0)
    }

    @Test func takingWindowsForgetsTheirKeysAndLeavesTheOthersIntact() throws {
        let fixture = try RollupFixture(groupBy: ["srcaddr"], measures: [measure("n", .count)])
        var engine = RollupEngine(fixture.plan)
        for minute in 0..<20 {
            let seconds = Int64(minute) * 60
            fixture.feed((0..<1000).map { event(seconds, source: .text("m\(minute)-\($0)")) }, to: &engine)
            fixture.feed([event(20 * 60, source: .text("always"))], to: &engine)
        }
        for minute in 0..<19 {
            let found = engine.takeWindow(Timestamp(nanoseconds: Int64(minute) * 60_000_000_000))
            let window = try #require(found)
            #expect(window.count == 1000)
            #expect(window[0].group == ["m\(minute)-0"])
        }
        let open = engine.windowStarts.map(\.seconds)
        #expect(open == [19 * 60, 20 * 60])
        fixture.feed([event(20 * 60, source: .text("always")), event(0, source: .text("late"))], to: &engine)
        let kept = engine.peekWindow(Timestamp(nanoseconds: 1_200_000_000_000))?[0].values
        #expect(kept == [.integer(21)])
        let reopened = engine.peekWindow(Timestamp(nanoseconds: 0))?[0].group
        #expect(reopened == ["late"])
        let untouched = engine.peekWindow(Timestamp(nanoseconds: 1_140_000_000_000))?.count
        #expect(untouched == 1000)
        let isGone = engine.takeWindow(Timestamp(nanoseconds: 60_000_000_000)) == nil
        #expect(isGone)
    }

    @Test func distinctValuesBecomeAnEstimateAboveTheirBoundUnlessTheyAreToBeExact() throws {
        let port = RollupFixture.path("dstport")
        let fixture = try RollupFixture(
            groupBy: [],
            measures: [measure("exact", .distinct(port, exact: true)), measure("about", .distinct(port, exact: false))])
        var engine = RollupEngine(fixture.plan)
        fixture.feed((0..<4096).map { event(0, port: .integer($0)) }, to: &engine)
        fixture.feed((0..<4096).map { event(0, port: .text("\($0)")) }, to: &engine)
        let start = Timestamp(nanoseconds: 0)
        let exact = engine.peekWindow(start)?[0].values
        #expect(exact == [.integer(4096), .integer(4096)])

        fixture.feed((0..<100_000).map { event(0, port: .text("v\($0)")) }, to: &engine)
        let found = engine.peekWindow(start)?[0].values
        let values = try #require(found)
        #expect(values[0] == .integer(104_096))
        guard case .estimate(let estimate) = values[1] else {
            Issue.record("\(values[1]) is no estimate")
            return
        }
        // Four standard errors; the hash is fixed, so this either always holds or never.
        #expect(abs(Double(estimate) - 104_096) < 4 * HyperLogLog.standardError * 104_096)

        // Merging an estimate with an exact set, either way round, gives the same.
        var few = fixture.engine((200_000..<203_000).map { event(0, port: .integer($0)) })
        let exactChanges = few.takeAll()
        let estimates = engine.takeAll()
        let one = try fixture.csv(adding: exactChanges + estimates)
        let other = try fixture.csv(adding: estimates + exactChanges)
        #expect(one == other)
    }

    @Test func quantilesAreWithinTheirStatedError() throws {
        let fixture = try RollupFixture(
            groupBy: [],
            measures: [0, 0.5, 0.99, 1].map { measure("q\($0)", .quantile(RollupFixture.path("bytes"), $0)) })
        let engine = fixture.engine(
            (1...1000).shuffled().map { event(0, bytes: $0 % 2 == 0 ? .integer(Int64($0)) : .double(Double($0))) })
        let found = engine.peekWindow(Timestamp(nanoseconds: 0))?[0].values
        let values = try #require(found)
        for (value, exact) in zip(values, [1.0, 500, 990, 1000]) {
            let found = try #require(value.doubleValue)
            #expect(abs(found - exact) <= exact / 256 + 1e-9)
        }
    }

    @Test func plansThatCannotBeAreRefusedWithTheReason() throws {
        let count = measure("n", .count)
        func problem(_ body: () throws -> RollupFixture) -> RollupProblem? {
            do {
                _ = try body()
                return nil
            } catch {
                return error as? RollupProblem
            }
        }
        #expect(problem { try RollupFixture(groupBy: [], measures: []) } == .noMeasures)
        #expect(problem { try RollupFixture(groupBy: [], measures: [count, count]) } == .duplicateMeasure("n"))
        #expect(problem { try RollupFixture(groupBy: [], measures: [count], window: 0) } == .window(nanoseconds: 0))
        #expect(
            problem { try RollupFixture(groupBy: [], measures: [count], top: TopDefinition(by: "m", count: 1)) }
                == .unknownTopMeasure("m"))
        #expect(
            problem {
                try RollupFixture(
                    groupBy: [], measures: (0..<17).map { measure("m\($0)", .min(RollupFixture.path("bytes"))) })
            } == .tooManyMeasures)
        #expect(
            problem { try RollupFixture(groupBy: [], measures: [count], top: TopDefinition(by: "n", count: 0)) }?
                .description == "top.count: must be at least 1, not 0")
    }

    @Test func changesThatDoNotFitAreRefused() throws {
        let fixture = try RollupFixture(groupBy: ["action"], measures: [measure("n", .count)])
        var engine = RollupEngine(fixture.plan)
        var isRestored = false
        let start = Timestamp(nanoseconds: 0)
        let fits = RollupChange(windowStart: start, group: ["a"], measures: [.count(3)])
        var other = fits
        other.group = []
        isRestored = engine.restore(other)
        #expect(!isRestored)
        other = fits
        other.measures = [.sum(nil)]
        isRestored = engine.restore(other)
        #expect(!isRestored)
        other = fits
        other.windowStart = Timestamp(nanoseconds: 1)
        isRestored = engine.restore(other)
        #expect(!isRestored)
        let starts = engine.windowStarts
        #expect(starts.isEmpty)
        isRestored = engine.restore(fits)
        #expect(isRestored)
        let csv = fixture.csv(engine)
        #expect(csv == "window_start,action,n\n0,a,3\n")
    }
}
