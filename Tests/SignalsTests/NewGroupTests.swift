import JSON
import Statistics
import TelemetryModel
import Testing

@testable import Signals

/// The first windows of a group, judged against the others.
@Suite struct NewGroupTests {
    private static let minute: Int64 = 60 * Timestamp.nanosecondsPerSecond
    private static let warmup = 5

    private static func monitor(acceptAfter: Int = 8, tracksChanges: Bool = true) throws -> AnomalyMonitor {
        let parameters = try #require(
            EWMA.Parameters(alpha: 0.2, threshold: 5, warmup: warmup, floor: EWMA.Floor(absolute: 1)))
        var definition = AnomalyMonitorDefinition(
            name: "m", rollup: "r", value: "ports", method: .ewma(parameters),
            alert: AnomalyAlertDefinition(severity: "error", summary: "{value}", direction: .both))
        definition.acceptAfterWindows = acceptAfter
        definition.emptyWindows = 4
        return AnomalyMonitor(
            try CompiledMonitor(definition, groupColumns: ["id"], measures: ["ports"]), tracksChanges: tracksChanges)
    }

    private static func at(_ window: Int64) -> Timestamp { Timestamp(nanoseconds: window * minute) }

    private static func observe(
        _ monitor: inout AnomalyMonitor, _ window: Int64, _ group: String, _ value: Double, shard: Int32 = 0
    ) -> AnomalyObservation {
        var key: [UInt8] = []
        AnomalyGroupKey.append([group], to: &key)
        let measures = [value]
        return monitor.observe(
            window: at(window), group: key.span.bytes, measures: measures.span, name: { [group] }, shard: { shard })
    }

    /// One that knows so many groups, whose values are about 20.
    private static func monitor(knowing others: Int, acceptAfter: Int = 8) throws -> AnomalyMonitor {
        var monitor = try monitor(acceptAfter: acceptAfter)
        for window in 0..<10 as Range<Int64> {
            for group in 0..<others {
                #expect(observe(&monitor, window, "g\(group)", 18 + Double((group + Int(window)) % 5)).direction == nil)
            }
        }
        return monitor
    }

    @Test func oneThatIsLikeTheOthersOpensNothing() throws {
        var monitor = try Self.monitor(knowing: 10)
        for window in 10..<30 as Range<Int64> {
            let seen = Self.observe(&monitor, window, "new", 17 + Double(window % 7))
            #expect(seen.verdict == .normal && seen.alertChange == nil)
            #expect(seen.peers == (window < 10 + Int64(Self.warmup) ? 10 : nil))
        }
    }

    @Test func oneThatIsFarAboveOpensInItsFirstWindowAndLearnsNothingOfIt() throws {
        var monitor = try Self.monitor(knowing: 10)
        let seen = Self.observe(&monitor, 10, "new", 700)
        #expect(seen.verdict == .flagged(.up) && seen.alertChange == .opened && seen.cause == .unusual)
        #expect(seen.peers == 10 && abs(seen.judgement.expected - 20) < 1 && seen.judgement.high < 40)
        let transition = try #require(
            monitor.transition(of: seen, window: Self.at(10), group: ["new"], measures: [700]))
        #expect(transition.peers == 10)
        #expect(Self.observe(&monitor, 11, "new", 690).verdict == .flagged(.up))
        let over = Self.observe(&monitor, 12, "new", 21)
        #expect(over.alertChange == .resolved && over.cause == .usual && over.peers == 10)
        #expect(Self.observe(&monitor, 12, "new", 700).verdict == .outOfOrder)
    }

    @Test func nineOthersAreTooFew() throws {
        var monitor = try Self.monitor(knowing: 9)
        for window in 10..<10 + Int64(Self.warmup) {
            let seen = Self.observe(&monitor, window, "new", 700)
            #expect(seen.verdict == .notWarm && seen.alertChange == nil && seen.peers == nil)
        }
        #expect(Self.observe(&monitor, 15, "new", 700).verdict == .normal, "700 is what is usual in it")
    }

    /// A flood of new groups does not make one another usual, nor does its place in a window matter.
    @Test func othersAreSeenAsTheyWereBeforeTheWindow() throws {
        var first = try Self.monitor(knowing: 12)
        var last = first
        let wanted = Self.observe(&first, 10, "new", 35)
        for group in 0..<12 { _ = Self.observe(&last, 10, "g\(group)", 31) }
        for group in 0..<50 { _ = Self.observe(&last, 10, "n\(group)", 700) }
        #expect(Self.observe(&last, 10, "new", 35) == wanted)
    }

    @Test func othersAreThoseOfItsShard() throws {
        var monitor = try Self.monitor(tracksChanges: false)
        for window in 0..<10 as Range<Int64> {
            for group in 0..<30 {
                _ = Self.observe(&monitor, window, "g\(group)", group < 20 ? 20 : 700, shard: group < 20 ? 1 : 2)
            }
        }
        #expect(Self.observe(&monitor, 10, "a", 700, shard: 1).verdict == .flagged(.up))
        let other = Self.observe(&monitor, 10, "b", 700, shard: 2)
        #expect(other.verdict == .normal && other.peers == 10)
        #expect(Self.observe(&monitor, 10, "c", 700, shard: 3).verdict == .notWarm)
    }

    @Test func oneThatStaysAboveIsALastingChange() throws {
        var monitor = try Self.monitor(knowing: 10, acceptAfter: 6)
        var changes: [Int64: AnomalyCause] = [:]
        for window in 10..<30 as Range<Int64> {
            let seen = Self.observe(&monitor, window, "new", 700 + Double(window % 3))
            if seen.alertChange != nil { changes[window] = seen.cause }
        }
        #expect(changes == [10: .unusual, 15: .accepted(windows: 6)])
        #expect(Self.observe(&monitor, 30, "new", 20).verdict == .flagged(.down), "700 is usual in it now")
    }

    @Test func anAlertEndsWhenTheOthersAreGone() throws {
        var monitor = try Self.monitor(knowing: 10)
        #expect(Self.observe(&monitor, 10, "new", 700).alertChange == .opened)
        for window in 10..<15 as Range<Int64> {
            if window > 10 { #expect(Self.observe(&monitor, window, "new", 700).verdict == .flagged(.up)) }
            monitor.pass(window: Self.at(window), .measures([0])) { _, _ in }
        }
        let over = Self.observe(&monitor, 15, "new", 700)
        #expect(over.alertChange == .resolved && over.cause == .unjudged && over.peers == nil)
    }

    /// A group of which nothing was learnt, because its first values were flagged, comes back as it was.
    @Test func aNewGroupThatDeviatesIsPublishedAndRestored() throws {
        var monitor = try Self.monitor(knowing: 10)
        _ = monitor.takeChangedStates()
        #expect(Self.observe(&monitor, 10, "z", 700).alertChange == .opened)
        _ = Self.observe(&monitor, 10, "g0", 20)
        let states = monitor.takeChangedStates()
        #expect(states.map(\.group) == [["z"], ["g0"]], "what is new comes first")
        var json = JSONWriter()
        states[0].write(to: &json)
        #expect(
            String(decoding: json.bytes, as: UTF8.self)
                == #"{"group":["z"],"window":"1970-01-01T00:10:00Z","count":1,"mean":700.0,"variance":0.0,"unlearnt":true,"#
                + #""deviation":{"values":1,"count":1,"mean":700.0,"variance":0.0},"opened_at":"1970-01-01T00:10:00Z","#
                + #""new_through":"1970-01-01T00:10:00Z"}"#
        )
        var cursor = JSONCursor(json.bytes)
        #expect(try AnomalySeriesState(reading: &cursor) == states[0])
    }

    /// However many others there are, a window of known groups alone reads none of them, and one with new groups reads each once.
    @Test func theOthersAreReadOnceInAWindowThatHasANewGroup() throws {
        var monitor = try Self.monitor(knowing: 50)
        let warming = monitor.peerReadCount
        for window in 10..<20 as Range<Int64> {
            for group in 0..<50 { _ = Self.observe(&monitor, window, "g\(group)", 20) }
            monitor.pass(window: Self.at(window), .measures([0])) { _, _ in }
        }
        #expect(monitor.peerReadCount == warming)
        for group in 0..<400 { #expect(Self.observe(&monitor, 20, "n\(group)", 21).peers == 50) }
        #expect(monitor.peerReadCount == warming + 50)
        for group in 0..<400 { #expect(Self.observe(&monitor, 21, "n\(group)", 21).peers == 50) }
        #expect(monitor.peerReadCount == warming + 100, "those that are new themselves cost nothing")
    }

    /// The order of the groups in a window changes nothing: not when some are known, accepted, gone or new in it.
    @Test(arguments: [31, 32, 33, 34] as [UInt64]) func theOrderOfGroupsChangesNoJudgement(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        // What deviates is accepted before there are values enough.
        var monitors = [try Self.monitor(acceptAfter: 3), try Self.monitor(acceptAfter: 3)]
        var judged = 0
        for window in 0..<150 as Range<Int64> {
            var rows: [(group: String, value: Double)] = []
            for group in 0..<24 where random.next() % 8 > 0 {
                let value = random.next() % 6 == 0 ? 900 : 15 + random.unit() * 10
                rows.append(("g\(group + Int(window) / 5)", value))
            }
            var said: [Set<String>] = []
            for index in monitors.indices {
                var seen: Set<String> = []
                for (group, value) in rows {
                    let observation = Self.observe(&monitors[index], window, group, value)
                    if observation.peers != nil { judged += 1 }
                    seen.insert("\(group) \(observation)")
                }
                monitors[index].pass(window: Self.at(window), .measures([0])) { seen.insert("\($1) \($0)") }
                said.append(seen)
                rows.shuffle(using: &random)
            }
            #expect(said[0] == said[1], "window \(window)")
        }
        #expect(judged > 100, "\(judged)")
    }

    /// Who makes room for a new group was there before the window.
    @Test func whatMakesRoomIsOneOfTheOthers() throws {
        var monitor = AnomalyMonitor(try Self.monitor().plan, groupsMax: 12, tracksChanges: true)
        for window in 0..<10 as Range<Int64> {
            for group in 0..<12 { _ = Self.observe(&monitor, window, "g\(group)", 20) }
        }
        #expect(Self.observe(&monitor, 3000, "new", 700).peers == 12)
        #expect(monitor.groupCount == 1)
    }

    /// Killed anywhere within what it publishes, and shown all windows since again, it says what it would have said.
    @Test(arguments: [11, 12, 13, 14, 15, 16] as [UInt64])
    func aRestartWithinWhatIsPublishedChangesNoJudgement(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var whole = try Self.monitor()
        var current = try Self.monitor()
        var published: [AnomalySeriesState] = []
        var (flagged, judged) = (0, 0)
        var window: Int64 = 0
        for _ in 0..<120 {
            // A round of one to three windows, in which groups come and go; every few windows a new one.
            var round: [(window: Int64, rows: [(group: String, value: Double)])] = []
            for _ in 0...(random.next() % 3) {
                var rows: [(String, Double)] = []
                for group in 0..<24 where random.next() % 8 > 0 {
                    let value = random.next() % 10 == 0 ? 900 : 15 + random.unit() * 10
                    rows.append(("g\(group + Int(window) / 5)", value))
                }
                round.append((window, rows))
                window += 1
            }
            func show(_ monitor: inout AnomalyMonitor, _ said: (String) -> Void) {
                for (window, rows) in round {
                    for (group, value) in rows {
                        let seen = Self.observe(&monitor, window, group, value)
                        said("\(window) \(group) \(seen)")
                    }
                    monitor.pass(window: Self.at(window), .measures([0])) { said("\(window) \($1) \($0)") }
                }
            }
            var wanted: Set<String> = []
            show(&whole) {
                wanted.insert($0)
                if $0.contains("peers: Optional") { judged += 1 }
                if $0.contains("peers: Optional"), $0.contains("flagged") { flagged += 1 }
            }
            _ = whole.takeChangedStates()
            show(&current) { #expect(wanted.contains($0), "\($0)") }
            let states = current.takeChangedStates()
            if random.next() % 2 == 0 {
                published += states
                continue
            }
            published += states.prefix(Int(random.next() % UInt64(states.count + 1)))
            current = try Self.monitor()
            current.restore(published)
            show(&current) { text in
                guard !text.contains("outOfOrder") else { return }
                #expect(wanted.contains(text), "\(text)")
            }
            published += current.takeChangedStates()
        }
        #expect(judged > 100 && flagged > 5, "\(judged) judged against others, \(flagged) of them flagged")
    }
}
