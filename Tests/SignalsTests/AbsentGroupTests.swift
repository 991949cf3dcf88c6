import JSON
import Statistics
import TelemetryModel
import Testing

@testable import Signals

/// Groups that a monitor knows, in windows that have no records of them.
@Suite struct AbsentGroupTests {
    private static let minute: Int64 = 60 * Timestamp.nanosecondsPerSecond

    private static func monitor(
        emptyWindows: Int, value: String = "flows", limits: AnomalyLimits = AnomalyLimits(), tracksChanges: Bool = true
    ) throws -> AnomalyMonitor {
        let parameters = try #require(
            EWMA.Parameters(alpha: 0.2, threshold: 5, warmup: 5, floor: EWMA.Floor(absolute: 1)))
        var definition = AnomalyMonitorDefinition(
            name: "m", rollup: "r", value: value, method: .ewma(parameters),
            alert: AnomalyAlertDefinition(severity: "error", summary: "{value}", direction: .both))
        definition.emptyWindows = emptyWindows
        definition.limits = limits
        return AnomalyMonitor(
            try CompiledMonitor(definition, groupColumns: ["id"], measures: ["flows", "most"]),
            tracksChanges: tracksChanges)
    }

    private static func at(_ window: Int64) -> Timestamp { Timestamp(nanoseconds: window * minute) }

    private static func observe(
        _ monitor: inout AnomalyMonitor, _ window: Int64, _ group: String, _ flows: Double
    ) -> AnomalyObservation {
        var key: [UInt8] = []
        AnomalyGroupKey.append([group], to: &key)
        let measures = [flows, flows]
        return monitor.observe(window: at(window), group: key.span.bytes, measures: measures.span, name: { [group] })
    }

    /// Each change of an alert in windows without records, with the window and the group.
    private static func pass(
        _ monitor: inout AnomalyMonitor, _ windows: ClosedRange<Int64>,
        _ absence: AnomalyMonitor.Absence = .measures([0, .nan])
    ) -> [String] {
        var changes: [String] = []
        for window in windows {
            monitor.pass(window: at(window), absence) { seen, group in
                guard let change = seen.alertChange, let cause = seen.cause else { return }
                changes.append("\(window) \(group[0] ?? "-") \(change) \(cause)")
            }
        }
        return changes
    }

    @Test(arguments: [true, false]) func whatStopsIsNoticedAndThenGone(tracksChanges: Bool) throws {
        var monitor = try Self.monitor(emptyWindows: 4, tracksChanges: tracksChanges)
        for window in 0..<20 as Range<Int64> {
            _ = Self.observe(&monitor, window, "a", 50)
            _ = Self.observe(&monitor, window, "few", Double(2 + window % 2))
        }
        #expect(Self.pass(&monitor, 20...30) == ["20 a opened unusual", "24 a resolved gone(windows: 5)"])
        #expect(monitor.groupCount == 0 && !monitor.isWatching)
        #expect(Self.observe(&monitor, 31, "a", 50).verdict == .notWarm, "nothing is known of it")
    }

    @Test func whatComesBackInTimeGoesOn() throws {
        var monitor = try Self.monitor(emptyWindows: 4)
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        #expect(Self.pass(&monitor, 20...23) == ["20 a opened unusual"])
        let back = Self.observe(&monitor, 24, "a", 50)
        #expect(back.alertChange == .resolved && back.cause == .usual)
        #expect(Self.pass(&monitor, 24...24) == [], "it was there")
        #expect(Self.pass(&monitor, 25...28) == ["25 a opened unusual"], "it is counted anew")
    }

    @Test func anAlertOfAGroupThatIsGoneResolvesAtOnceWhereNothingIsWaitedFor() throws {
        var monitor = try Self.monitor(emptyWindows: 0)
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        #expect(Self.observe(&monitor, 20, "a", 900).alertChange == .opened)
        #expect(Self.pass(&monitor, 21...25) == ["21 a resolved gone(windows: 1)"])
    }

    /// A value that no records have no part in can't be judged; the group is gone all the same.
    @Test(arguments: [true, false]) func whatHasNoValueWithoutRecordsIsGoneInTime(isUnknown: Bool) throws {
        var monitor = try Self.monitor(emptyWindows: 3, value: isUnknown ? "flows" : "most")
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        #expect(Self.observe(&monitor, 20, "a", 900).alertChange == .opened)
        let changes = Self.pass(&monitor, 21...30, isUnknown ? .unknown : .measures([0, .nan]))
        #expect(changes == ["24 a resolved \(isUnknown ? "notShown" : "gone")(windows: 4)"])
    }

    /// What was not shown once may have been there, also where the monitor was restored since; what came back is another matter.
    @Test(arguments: [true, false]) func oneWindowThatShowsNotAllMakesTheEndUnknown(comesBack: Bool) throws {
        var monitor = try Self.monitor(emptyWindows: 3)
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        #expect(Self.observe(&monitor, 20, "a", 900).alertChange == .opened)
        #expect(Self.pass(&monitor, 21...21, .unknown) == [])
        if comesBack { #expect(Self.observe(&monitor, 22, "a", 900).openedAt == Self.at(20)) }
        var restored = try Self.monitor(emptyWindows: 3)
        restored.restore(monitor.takeChangedStates())
        let changes = Self.pass(&restored, (comesBack ? 23 : 22)...30)
        #expect(changes.count == 1 && changes[0].hasSuffix(comesBack ? "gone(windows: 4)" : "notShown(windows: 4)"))
    }

    /// Records without a value say nothing of it, and do not keep an alert open for ever.
    @Test(arguments: [true, false]) func whatHasRecordsAndNoValueAnyMoreIsGoneInTime(isRestored: Bool) throws {
        var monitor = try Self.monitor(emptyWindows: 3)
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        #expect(Self.observe(&monitor, 20, "a", 900).alertChange == .opened)
        var changes: [String] = []
        for window in 21..<30 as Range<Int64> {
            if isRestored {
                let states = monitor.takeChangedStates()
                if window < 25 { #expect(states.count == 1) }
                for state in states {
                    var json = JSONWriter()
                    state.write(to: &json)
                    var cursor = JSONCursor(json.bytes)
                    #expect(try AnomalySeriesState(reading: &cursor) == state)
                }
                monitor = try Self.monitor(emptyWindows: 3)
                monitor.restore(states)
            }
            // A window that the states have seen changes nothing when it is shown again.
            for shown in [window - 1, window] {
                #expect(Self.observe(&monitor, shown, "a", .nan).verdict == .noValue)
                changes += Self.pass(&monitor, shown...shown)
            }
        }
        #expect(changes == ["24 a resolved valueless(windows: 4)"])
        #expect(monitor.groupCount == 0)
    }

    @Test func oneValueAmongThoseWithoutIsEnoughToGoOn() throws {
        var monitor = try Self.monitor(emptyWindows: 3)
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        #expect(Self.observe(&monitor, 20, "a", 900).alertChange == .opened)
        for window in 21..<60 as Range<Int64> {
            let value = window % 4 == 0 ? 900 : Double.nan
            #expect(Self.observe(&monitor, window, "a", value).alertChange == nil)
            #expect(Self.pass(&monitor, window...window) == [])
        }
        #expect(Self.pass(&monitor, 60...70) == ["60 a resolved valueless(windows: 4)"])
    }

    /// Of those that come once there are many, and nothing was expected of them.
    @Test func whoIsNotKnownIsNotMissed() throws {
        var monitor = try Self.monitor(emptyWindows: 2, limits: AnomalyLimits(above: 100))
        for group in 0..<50 { _ = Self.observe(&monitor, 0, "g\(group)", 1) }
        #expect(!monitor.isWatching)
        _ = monitor.takeChangedStates()
        #expect(Self.observe(&monitor, 0, "loud", 900).cause == .above(100))
        #expect(Self.pass(&monitor, 1...10) == ["1 loud resolved usual"])
        #expect(monitor.groupCount == 51 && !monitor.isWatching)
        #expect(monitor.takeChangedStates().map(\.group) == [["loud"]])
    }

    /// What a group's state said when it was forgotten holds when windows from before are shown again.
    @Test func whatIsGoneStaysGoneWhenItsWindowsAreShownAgain() throws {
        var monitor = try Self.monitor(emptyWindows: 2)
        for window in 0..<20 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        _ = Self.pass(&monitor, 20...22)
        let states = monitor.takeChangedStates()
        #expect(states.map(\.course) == [nil] && states.map(\.goneThrough) == [Self.at(22)])

        var restored = try Self.monitor(emptyWindows: 2)
        restored.restore(states)
        #expect(restored.groupCount == 0)
        for window in 15..<20 as Range<Int64> {
            #expect(Self.observe(&restored, window, "a", 50).verdict == .outOfOrder)
            #expect(Self.pass(&restored, window...window) == [])
        }
        #expect(Self.observe(&restored, 23, "a", 50).verdict == .notWarm)
        #expect(restored.groupCount == 1)
        #expect(restored.takeChangedStates().map { $0.course?.series.usual.count } == [1])
    }

    /// A monitor whose states are taken seldom, as by an evaluator that catches up.
    @Test func aGroupThatWasGoneTwiceIsGoneSinceTheLastTime() throws {
        var monitor = try Self.monitor(emptyWindows: 2)
        for window in 0..<10 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        _ = Self.pass(&monitor, 10...12)
        for window in 15..<25 as Range<Int64> { _ = Self.observe(&monitor, window, "a", 50) }
        _ = Self.pass(&monitor, 25...27)
        // Room is made of what is forgotten.
        for window in 40..<50 as Range<Int64> { _ = Self.observe(&monitor, window, "b", 50) }
        _ = Self.pass(&monitor, 50...52)
        let states = monitor.takeChangedStates()
        #expect(states.map(\.group) == [["b"], ["a"]])
        #expect(states.map(\.goneThrough) == [Self.at(52), Self.at(27)])
    }

    /// Groups whose alerts a limit opened before anything was learnt, and that are over again: they are left out all at once, and
    /// not searched for one by one.
    @Test func whatIsNotMissedAnyMoreIsLeftOutWhenAWindowIsPassed() throws {
        var monitor = try Self.monitor(emptyWindows: 2, limits: AnomalyLimits(above: 100))
        for group in 0..<100 { #expect(Self.observe(&monitor, 0, "g\(group)", 500).alertChange == .opened) }
        #expect(Self.pass(&monitor, 0...0) == [] && monitor.watched.count == 100)
        for group in 0..<100 where group != 7 {
            #expect(Self.observe(&monitor, 1, "g\(group)", 50).alertChange == .resolved)
        }
        #expect(monitor.watched.count == 100, "in the window itself nothing is searched")
        #expect(Self.observe(&monitor, 2, "g8", 500).alertChange == .opened)
        #expect(Self.pass(&monitor, 1...1) == ["1 g7 resolved usual"])
        #expect(monitor.watched.count == 1, "g8 is once among them, and nobody else")
        #expect(Self.pass(&monitor, 2...9) == ["3 g8 resolved usual"])
        #expect(monitor.watched.isEmpty && !monitor.isWatching && monitor.oldestWatchedWindow == nil)
    }
}
