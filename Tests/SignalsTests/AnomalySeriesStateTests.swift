import JSON
import Signals
import Statistics
import TelemetryModel
import Testing

@Suite struct AnomalySeriesStateTests {
    private static let minute: Int64 = 60 * Timestamp.nanosecondsPerSecond

    private static func monitor(
        groupsMax: Int = AnomalyMonitor.defaultGroupsMax, limit: Double? = nil
    ) throws -> AnomalyMonitor {
        let parameters = try #require(EWMA.Parameters(alpha: 0.3, threshold: 2, warmup: 3))
        var definition = AnomalyMonitorDefinition(
            name: "scan", rollup: "r", value: "ports", method: .ewma(parameters),
            alert: AnomalyAlertDefinition(
                severity: "error", summary: "{value}", direction: .both, keepFiringWindows: 2))
        (definition.acceptAfterWindows, definition.emptyWindows) = (8, 5)
        definition.limits.above = limit
        let plan = try CompiledMonitor(definition, groupColumns: ["interface_id", "zone"], measures: ["ports"])
        return AnomalyMonitor(plan, groupsMax: groupsMax, tracksChanges: true)
    }

    private static func observe(
        _ monitor: inout AnomalyMonitor, _ window: Int64, _ group: [String?], _ value: Double
    ) -> AnomalyObservation {
        var key: [UInt8] = []
        AnomalyGroupKey.append(group, to: &key)
        let measures = [value]
        return monitor.observe(
            window: Timestamp(nanoseconds: window * minute), group: key.span.bytes, measures: measures.span)
    }

    /// What is seen of groups without records in a window, in the order of groups.
    private static func passed(
        _ monitor: inout AnomalyMonitor, _ window: Int64, _ absence: AnomalyMonitor.Absence
    ) -> [String] {
        var seen: [String] = []
        monitor.pass(window: Timestamp(nanoseconds: window * minute), absence) { seen.append("\($1) \(text($0))") }
        return seen.sorted()
    }

    private static func throughJSON(_ state: AnomalySeriesState) throws -> AnomalySeriesState {
        var json = JSONWriter()
        state.write(to: &json)
        var cursor = JSONCursor(json.bytes)
        let read = try AnomalySeriesState(reading: &cursor)
        try cursor.end()
        return read
    }

    /// What an observation says, with NaN equal to itself.
    private static func text(_ observation: AnomalyObservation) -> String { "\(observation)" }

    @Test func aStateReadsAsItIsDescribed() throws {
        let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
        func state(_ count: Int64, _ mean: Double) throws -> Detector.State {
            .ewma(try #require(EWMA(count: count, mean: mean, variance: 0.25)))
        }
        let series = DetectedSeries(usual: try state(12, 0.1))
        let open = AnomalySeriesState(
            group: ["eni-1", nil],
            course: AnomalySeriesState.Course(series: series, lastWindow: start, openedAt: start))
        let deviating = DetectedSeries(
            usual: try state(12, 0.1),
            deviation: DetectedSeries.Deviation(state: try state(7, 90.5), values: 7, settled: 1))
        let unlearnt = DetectedSeries(
            usual: .ewma(EWMA()), deviation: DetectedSeries.Deviation(state: try state(7, 90.5), values: 7))
        var course = AnomalySeriesState.Course(series: deviating, lastWindow: start)
        (course.calm, course.absent, course.isAbsenceUnknown) = (1, 2, true)
        let wanted: [(AnomalySeriesState, String)] = [
            (
                open,
                #"{"group":["eni-1",null],"window":"2026-01-15T09:00:00Z","count":12,"mean":0.1,"variance":0.25,"#
                    + #""opened_at":"2026-01-15T09:00:00Z"}"#
            ),
            (
                AnomalySeriesState(group: [], course: course),
                #"{"group":[],"window":"2026-01-15T09:00:00Z","count":12,"mean":0.1,"variance":0.25,"#
                    + #""deviation":{"values":7,"settled":1,"count":7,"mean":90.5,"variance":0.25},"calm":1,"absent":2,"absence_unknown":true}"#
            ),
            (
                AnomalySeriesState(
                    group: ["a"], course: .init(series: unlearnt, lastWindow: start, openedAt: start)),
                #"{"group":["a"],"window":"2026-01-15T09:00:00Z","count":7,"mean":90.5,"variance":0.25,"unlearnt":true,"#
                    + #""deviation":{"values":7,"count":7,"mean":90.5,"variance":0.25},"#
                    + #""opened_at":"2026-01-15T09:00:00Z"}"#
            ),
            (AnomalySeriesState(group: [""], course: nil), #"{"group":[""]}"#),
            (
                AnomalySeriesState(group: [""], course: nil, goneThrough: start),
                #"{"group":[""],"gone_through":"2026-01-15T09:00:00Z"}"#
            ),
        ]
        for (state, text) in wanted {
            var json = JSONWriter()
            state.write(to: &json)
            #expect(String(decoding: json.bytes, as: UTF8.self) == text)
            #expect(try AnomalySeriesStateTests.throughJSON(state) == state)
        }
    }

    @Test(arguments: [
        "{}", "[]", #"{"group":[1]}"#, #"{"group":[],"count":1}"#,
        #"{"group":[],"window":"2026-01-15T09:00:00Z","count":0,"mean":1,"variance":1}"#,
        #"{"group":[],"window":"2026-01-15T09:00:00Z","count":1,"mean":1,"variance":-1}"#,
        #"{"group":[],"window":"2026-01-15","count":1,"mean":1,"variance":1}"#,
        #"{"group":[],"window":"2026-01-15T09:00:00Z","count":1,"mean":null,"variance":1}"#,
        #"{"group":[],"window":"2026-01-15T09:00:00Z","count":1,"mean":1e999,"variance":1}"#,
        #"{"group":[],"window":"2026-01-15T09:00:00Z","count":1,"mean":1,"variance":1,"absent":-1}"#,
        #"{"group":[],"window":"2026-01-15T09:00:00Z","count":1,"mean":1,"variance":1,"deviation":{"values":1}}"#,
    ])
    func whatIsNoStateIsRefused(text: String) {
        var json = JSONCursor(Array(text.utf8))
        #expect(throws: JSONCursorError.self) { try AnomalySeriesState(reading: &json) }
    }

    @Test func groupKeysComeBackAndDiffer() {
        let groups: [[String?]] = [[], [nil], [""], [nil, nil], ["", nil], ["a", "bc"], ["ab", "c"], ["é\u{0}"]]
        var keys: [[UInt8]] = []
        for group in groups {
            var key: [UInt8] = []
            AnomalyGroupKey.append(group, to: &key)
            #expect(AnomalyGroupKey.group(of: key) == group)
            keys.append(key)
        }
        #expect(Set(keys).count == groups.count)
        for wrong: [UInt8] in [[1], [1, 0, 0, 0], [1, 0, 0, 0, 0xFF], [0xFE, 0xFF, 0xFF, 0xFF, 1]] {
            #expect(AnomalyGroupKey.group(of: wrong) == nil)
        }
    }

    @Test func onlyWhatChangedIsTakenOnce() throws {
        var monitor = try AnomalySeriesStateTests.monitor()
        _ = AnomalySeriesStateTests.observe(&monitor, 1, ["b"], 1)
        _ = AnomalySeriesStateTests.observe(&monitor, 1, ["a"], 1)
        _ = AnomalySeriesStateTests.observe(&monitor, 2, ["b"], 2)
        #expect(monitor.takeChangedStates().map(\.group) == [["b"], ["a"]], "what was new last comes first")
        #expect(monitor.takeChangedStates().isEmpty)
        _ = AnomalySeriesStateTests.observe(&monitor, 2, ["b"], 9)
        _ = AnomalySeriesStateTests.observe(&monitor, 3, ["b"], .nan)
        #expect(monitor.takeChangedStates().isEmpty, "out of order, and no value")
        _ = AnomalySeriesStateTests.observe(&monitor, 3, ["a"], 2)
        let states = monitor.takeChangedStates()
        #expect(states.map(\.group) == [["a"]] && states[0].course?.series.usual.count == 2)
    }

    @Test func aGroupForgottenIsSaidToBe() throws {
        var monitor = try AnomalySeriesStateTests.monitor(groupsMax: 2)
        _ = AnomalySeriesStateTests.observe(&monitor, 0, ["old"], 1)
        _ = AnomalySeriesStateTests.observe(&monitor, 1500, ["new"], 1)
        let before = monitor.takeChangedStates()
        _ = AnomalySeriesStateTests.observe(&monitor, 2000, ["newer"], 1)
        let after = monitor.takeChangedStates()
        #expect(after.map(\.group) == [["newer"], ["old"]])
        #expect(after[1].course == nil && after[0].course != nil)
        #expect(after[1].goneThrough == Timestamp(nanoseconds: 0), "the last window that was seen of it")

        var restored = try AnomalySeriesStateTests.monitor(groupsMax: 2)
        for state in before + after { restored.restore([state]) }
        #expect(restored.groupCount == 2)
        #expect(restored.takeChangedStates().isEmpty, "what was restored did not change")
        #expect(AnomalySeriesStateTests.observe(&restored, 2001, ["old"], 1).verdict == .untracked)
    }

    /// A monitor restored at any moment from what another published gives the observations that the other gives.
    @Test(arguments: [91, 92, 93, 94] as [UInt64], [nil, 100_000])
    func aRestoredMonitorGoesOnAsOneThatNeverStopped(seed: UInt64, limit: Double?) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        var whole = try AnomalySeriesStateTests.monitor(groupsMax: 40, limit: limit)
        var current = try AnomalySeriesStateTests.monitor(groupsMax: 40, limit: limit)
        var published: [AnomalySeriesState] = []
        var (flags, forgotten, gone, missing) = (0, 0, 0, 0)
        var last: (time: Int64, taken: [(group: [String?], value: Double)]) = (0, [])
        for window in 0..<400 as Range<Int64> {
            // A day passes between some windows, so that groups are forgotten.
            let time = window + window / 40 * 1500
            var taken: [(group: [String?], value: Double)] = []
            for group in 0..<30 where random.next() % 3 > 0 {
                let name = "eni-\(group + Int(window / 40) * 9)"
                let value = random.next() % 25 == 0 ? 1e6 : Double(random.next() % 1000) / 7
                taken.append(([name, group % 4 == 0 ? nil : "x"], value))
            }
            // A restart after some windows, of which the new one is shown the last again.
            if random.next() % 5 == 0 {
                current = try AnomalySeriesStateTests.monitor(groupsMax: 40, limit: limit)
                current.restore(published)
                for (group, value) in last.taken {
                    let again = AnomalySeriesStateTests.observe(&current, last.time, group, value)
                    #expect(again.verdict == .outOfOrder)
                }
            }
            last = (time, [])
            for (group, value) in taken {
                let wanted = AnomalySeriesStateTests.observe(&whole, time, group, value)
                let found = AnomalySeriesStateTests.observe(&current, time, group, value)
                #expect(AnomalySeriesStateTests.text(found) == AnomalySeriesStateTests.text(wanted))
                if wanted.direction != nil { flags += 1 }
                // One that there was no room for may have some now.
                if wanted.verdict != .untracked { last.taken.append((group, value)) }
            }
            let absence: AnomalyMonitor.Absence = window % 7 == 0 ? .unknown : .measures([0])
            let missed = AnomalySeriesStateTests.passed(&whole, time, absence)
            #expect(AnomalySeriesStateTests.passed(&current, time, absence) == missed)
            (gone, missing) = (
                gone + missed.count { $0.contains("gone(") || $0.contains("notShown(") }, missing + missed.count
            )
            published += try current.takeChangedStates().map(AnomalySeriesStateTests.throughJSON)
            #expect(current.groupCount == whole.groupCount)
        }
        forgotten = published.count { $0.course == nil }
        #expect(flags > 50 && forgotten > 20, "\(flags) flags, \(forgotten) forgotten")
        #expect(
            missing > gone && gone > 5,
            "\(missing) seen in windows without records, \(gone) alerts of groups gone")
    }
}
