import Statistics
import TelemetryModel
import Testing

@testable import Signals

extension AnomalyMonitor {
    var groupCount: Int { groups.count - forgottenCount }
}

@Suite struct AnomalyMonitorTests {
    private static let minute: Int64 = 60 * Timestamp.nanosecondsPerSecond

    private static func plan(
        value: String = "ports", direction: AnomalyAlertDefinition.Direction? = .up, warmup: Int = 3,
        keepFiringWindows: Int = 1, floor: EWMA.Floor = EWMA.Floor(absolute: 0.1),
        _ change: (inout AnomalyMonitorDefinition) -> Void = { _ in }
    ) throws -> CompiledMonitor {
        let parameters = try #require(EWMA.Parameters(alpha: 0.5, threshold: 3, warmup: warmup, floor: floor))
        var definition = AnomalyMonitorDefinition(
            name: "scan", rollup: "r", value: value, method: .ewma(parameters),
            alert: direction.map {
                AnomalyAlertDefinition(
                    severity: "error", summary: "Port scan: {ports} ports on {interface_id} ({value})",
                    direction: $0, keepFiringWindows: keepFiringWindows)
            })
        change(&definition)
        return try CompiledMonitor(definition, groupColumns: ["interface_id"], measures: ["ports", "flows"])
    }

    private static func observe(
        _ monitor: inout AnomalyMonitor, _ index: Int64, _ group: String, _ value: Double, flows: Double = 1
    ) -> AnomalyObservation {
        let key = Array(group.utf8)
        let measures = [value, flows]
        return monitor.observe(
            window: Timestamp(nanoseconds: index * minute), group: key.span.bytes, measures: measures.span)
    }

    @Test func groupOpensWhenFlaggedAndResolvesAtTheFirstWindowThatIsNot() throws {
        var monitor = AnomalyMonitor(try AnomalyMonitorTests.plan())
        for (index, value) in [10.0, 11, 10, 11].enumerated() {
            let seen = AnomalyMonitorTests.observe(&monitor, Int64(index), "eni-1", value)
            #expect(seen.verdict == (index < 3 ? .notWarm : .normal))
            #expect(seen.alertChange == nil)
        }
        let opened = AnomalyMonitorTests.observe(&monitor, 4, "eni-1", 1000)
        #expect(opened.verdict == .flagged(.up))
        #expect(opened.judgement.isFlagged)
        #expect(opened.alertChange == .opened)
        let transition = try #require(
            monitor.transition(
                of: opened, window: Timestamp(nanoseconds: 4 * AnomalyMonitorTests.minute), group: ["eni-1"],
                measures: [1000, 1]))
        #expect(transition.summary == "Port scan: 1000 ports on eni-1 (1000)")
        #expect(transition.group == [AnomalyAlertTransition.Column(name: "interface_id", value: "eni-1")])
        #expect(transition.judgement == opened.judgement && transition.cause == .unusual)
        #expect(transition.severity == "error")

        let still = AnomalyMonitorTests.observe(&monitor, 5, "eni-1", 500)
        #expect(still.verdict == .flagged(.up), "the spike was not learnt")
        #expect(still.alertChange == nil)
        let resolved = AnomalyMonitorTests.observe(&monitor, 6, "eni-1", 11)
        #expect(resolved.verdict == .normal)
        #expect(resolved.alertChange == .resolved && resolved.cause == .usual)
        #expect(resolved.openedAt == Timestamp(nanoseconds: 4 * AnomalyMonitorTests.minute))
        #expect(AnomalyMonitorTests.observe(&monitor, 7, "eni-1", 11).alertChange == nil)
    }

    /// What changes the alert in each of the windows, from 10 on, of a series that was calm before.
    private static func changes(
        _ plan: CompiledMonitor, _ values: [Double]
    ) -> [Int: AnomalyCause] {
        var monitor = AnomalyMonitor(plan)
        for index in 0..<10 { _ = observe(&monitor, Int64(index), "a", Double(10 + index % 2)) }
        var changes: [Int: AnomalyCause] = [:]
        for (index, value) in values.enumerated() {
            let seen = observe(&monitor, Int64(10 + index), "a", value)
            if seen.alertChange != nil { changes[index] = seen.cause }
        }
        return changes
    }

    @Test func anAlertIsKeptForAsLongAsIsSaid() throws {
        let plan = try Self.plan(keepFiringWindows: 3)
        #expect(
            Self.changes(plan, [500, 10, 11, 500, 10, 11, 10, 11, 500]) == [0: .unusual, 6: .usual, 8: .unusual])
    }

    @Test func aLastingChangeEndsTheAlertWithThatWord() throws {
        let plan = try Self.plan { $0.acceptAfterWindows = 20 }
        let values = (0..<40).map { Double(500 + $0 % 2) } + [900]
        #expect(Self.changes(plan, values) == [0: .unusual, 19: .accepted(windows: 20), 40: .unusual])
    }

    @Test(arguments: [
        (2.0 / 3, "0.667"), (28.8125, "28.8"), (1234.5, "1,230"), (1_234_567, "1234567"), (-0.000123456, "-0.000123"),
        (1e300, "1e300"),
    ])
    func aSummaryHasThreeSignificantDigitsWhereAValueIsNoCount(value: Double, text: String) throws {
        let summary = try SummaryTemplate("{value} of {ports}", groupColumns: [], measures: ["ports"])
        #expect(summary.text(group: [], measures: [value], value: value) == "\(text) of \(text)")
    }

    /// A limit alerts in its own direction, before anything was learnt, and for as long as it is exceeded.
    @Test func aLimitAlertsWhateverWasBefore() throws {
        let plan = try Self.plan(warmup: 1000) { $0.limits = AnomalyLimits(above: 100, below: 5) }
        #expect(
            Self.changes(plan, [100, 101, 101, 5, 4, 5])
                == [1: .above(100), 3: .usual, 4: .below(5), 5: .usual])
        let accepting = try Self.plan {
            $0.limits = AnomalyLimits(above: 100)
            $0.acceptAfterWindows = 5
        }
        let values = [Double](repeating: 101, count: 20) + [Double](repeating: 99, count: 10)
        #expect(Self.changes(accepting, values) == [0: .above(100), 23: .accepted(windows: 5)], "10 is usual still")
    }

    /// Also of a group that begins so: what is usual is learnt from what comes afterwards.
    @Test(arguments: [0, 2, 10]) func whatIsBeyondALimitIsNotLearnt(calmBefore: Int64) throws {
        var monitor = AnomalyMonitor(try Self.plan(direction: .both) { $0.limits = AnomalyLimits(above: 100) })
        func observe(_ window: Int64, _ value: Double) -> AnomalyObservation {
            Self.observe(&monitor, window, "a", value)
        }
        for window in 0..<calmBefore { _ = observe(window, Double(10 + window % 2)) }
        #expect(observe(20, 500).cause == .above(100))
        for window in 21..<30 as Range<Int64> { #expect(observe(window, 500).verdict == .flagged(.up)) }
        #expect(observe(29, 500).verdict == .outOfOrder)
        #expect(observe(30, 10).cause == .usual)
        for window in 31..<36 as Range<Int64> { #expect(observe(window, Double(10 + window % 2)).direction == nil) }
        #expect(observe(36, 40).verdict == .flagged(.up))
    }

    /// It does not become usual by lasting, so that its end is no change.
    @Test func whatIsBeyondALimitForLongIsNoLastingChange() throws {
        let plan = try Self.plan(direction: .both) {
            $0.limits = AnomalyLimits(above: 100)
            $0.acceptAfterWindows = 20
        }
        let calm = (0..<15).map { Double(10 + $0 % 2) }
        let values = calm + [Double](repeating: 500, count: 70) + calm + calm
        #expect(Self.changes(plan, values) == [15: .above(100), 85: .usual])
        // What goes on within the limit is accepted when it has lasted there.
        let lower = calm + [Double](repeating: 500, count: 70) + [Double](repeating: 90, count: 40)
        #expect(Self.changes(plan, lower) == [15: .above(100), 103: .accepted(windows: 20)])
    }

    @Test func aCountAfterAConstantIsJudgedByTheFloor() throws {
        let plan = try Self.plan(floor: EWMA.Floor(absolute: 1))
        var monitor = AnomalyMonitor(plan)
        for index in 0..<30 { _ = Self.observe(&monitor, Int64(index), "a", 0) }
        #expect(Self.observe(&monitor, 30, "a", 3).verdict == .normal)
        #expect(Self.observe(&monitor, 31, "a", 60).verdict == .flagged(.up))
    }

    @Test func flagInTheOtherDirectionRaisesNoAlert() throws {
        for (direction, isOpened) in [
            (AnomalyAlertDefinition.Direction.up, false), (.down, true), (.both, true),
        ] {
            var monitor = AnomalyMonitor(try AnomalyMonitorTests.plan(direction: direction))
            for index in 0..<6 { _ = AnomalyMonitorTests.observe(&monitor, Int64(index), "a", Double(100 + index % 2)) }
            let seen = AnomalyMonitorTests.observe(&monitor, 6, "a", 0)
            #expect(seen.verdict == .flagged(.down))
            #expect((seen.alertChange == .opened) == isOpened, "\(direction)")
        }
    }

    @Test func groupsAreWatchedEachByItself() throws {
        var monitor = AnomalyMonitor(try AnomalyMonitorTests.plan())
        for index in 0..<6 {
            _ = AnomalyMonitorTests.observe(&monitor, Int64(index), "low", Double(1 + index % 2))
            _ = AnomalyMonitorTests.observe(&monitor, Int64(index), "high", Double(1000 + index % 2))
        }
        #expect(AnomalyMonitorTests.observe(&monitor, 6, "high", 1001).verdict == .normal)
        #expect(AnomalyMonitorTests.observe(&monitor, 6, "low", 1001).verdict == .flagged(.up))
        #expect(monitor.groupCount == 2)
    }

    @Test func valueIsAnExpressionAndWhatIsNoNumberTeachesNothing() throws {
        var monitor = AnomalyMonitor(try AnomalyMonitorTests.plan(value: "ports / flows"))
        for index in 0..<5 {
            _ = AnomalyMonitorTests.observe(&monitor, Int64(index), "a", Double(10 + index % 2), flows: 2)
        }
        for (value, flows) in [(1.0, 0.0), (0, 0), (.nan, 1)] {
            #expect(AnomalyMonitorTests.observe(&monitor, 5, "a", value, flows: flows).verdict == .noValue)
        }
        let seen = AnomalyMonitorTests.observe(&monitor, 5, "a", 11, flows: 2)
        #expect(seen.value == 5.5)
        #expect(seen.verdict == .normal)
    }

    @Test func lateWindowIsReportedAndChangesNothing() throws {
        var monitor = AnomalyMonitor(try AnomalyMonitorTests.plan())
        for index in 0..<4 { _ = AnomalyMonitorTests.observe(&monitor, Int64(index), "a", Double(index % 2)) }
        var copy = monitor
        #expect(AnomalyMonitorTests.observe(&monitor, 3, "a", 9).verdict == .outOfOrder)
        #expect(AnomalyMonitorTests.observe(&monitor, 2, "a", 9).verdict == .outOfOrder)
        let after = AnomalyMonitorTests.observe(&monitor, 4, "a", 9)
        #expect(after == AnomalyMonitorTests.observe(&copy, 4, "a", 9))
    }

    @Test func groupsAreBoundedAndIdleOnesMakeRoom() throws {
        var monitor = AnomalyMonitor(
            try AnomalyMonitorTests.plan(warmup: 0, floor: EWMA.Floor(absolute: 1)), groupsMax: 100)
        for group in 0..<1000 { _ = AnomalyMonitorTests.observe(&monitor, 1, "g\(group)", 1) }
        #expect(monitor.groupCount == 100)
        #expect(monitor.untrackedCount == 900)
        #expect(AnomalyMonitorTests.observe(&monitor, 2, "g5", 1).verdict == .normal)
        // Two days later the others are idle.
        let later: Int64 = 2 * 24 * 60
        _ = AnomalyMonitorTests.observe(&monitor, later, "g5", 2)
        #expect(AnomalyMonitorTests.observe(&monitor, later, "new", 1).verdict == .normal)
        #expect(monitor.groupCount == 2)
        #expect(AnomalyMonitorTests.observe(&monitor, later + 1, "g5", 1).judgement.expected == 1.5)
    }

    @Test func openAlertIsNeverForgotten() throws {
        var monitor = AnomalyMonitor(try AnomalyMonitorTests.plan(), groupsMax: 2)
        for (index, value) in [10.0, 11, 10, 11, 1000].enumerated() {
            _ = AnomalyMonitorTests.observe(&monitor, Int64(index), "open", value)
        }
        _ = AnomalyMonitorTests.observe(&monitor, 5, "idle", 1)
        let later: Int64 = 3 * 24 * 60
        _ = AnomalyMonitorTests.observe(&monitor, later, "new", 1)
        #expect(monitor.groupCount == 2)
        #expect(AnomalyMonitorTests.observe(&monitor, later, "open", 11).alertChange == .resolved)
    }

    @Test func sameWindowsGiveTheSameObservations() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("monitor seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        func random(_ bound: Int) -> Int { generator.below(bound) }
        var first = AnomalyMonitor(try AnomalyMonitorTests.plan(direction: .both))
        var second = AnomalyMonitor(try AnomalyMonitorTests.plan(direction: .both))
        var reference: [String: DetectedSeries] = [:]
        let terms = first.plan.terms
        var flags = 0
        for window in 0..<50 {
            for group in 0..<300 {
                let value = random(50) == 0 ? Double(random(1000)) : Double(random(5))
                let name = "group-\(group)-" + String(repeating: "x", count: group % 70)
                let seen = AnomalyMonitorTests.observe(&first, Int64(window), name, value)
                let again = AnomalyMonitorTests.observe(&second, Int64(window), name, value)
                #expect(seen.verdict == again.verdict && seen.alertChange == again.alertChange, "seed \(seed)")
                let expected = reference[name, default: DetectedSeries(terms)].observe(value, terms)
                #expect(expected.judgement.isFlagged == (seen.direction != nil), "seed \(seed)")
                flags += seen.direction == nil ? 0 : 1
            }
        }
        #expect(flags > 0, "seed \(seed)")
        #expect(first.groupCount == 300)
    }

    @Test(arguments: [
        ("prots", "Scan on {interface_id}", "value", "there is no measure 'prots'; did you mean ports?"),
        (
            "ports > 1.0", "Scan", "value",
            "a value comes to a number, and this comes to bool; write condition ? 1.0 : 0.0"
        ),
        (
            "ports", "on {zone}", "alert.summary",
            "the rollup has no column 'zone'; there are {interface_id}, {ports}, {flows}, {value}"
        ),
        (
            "ports", "on {interfaceid}", "alert.summary",
            "the rollup has no column 'interfaceid'; did you mean {interface_id}?"
        ),
        ("ports", "on {ports", "alert.summary", "this '{' has no closing '}'"),
    ])
    func mistakeIsRefusedWithWhatToDo(_ value: String, _ summary: String, _ key: String, _ message: String) {
        let definition = AnomalyMonitorDefinition(
            name: "m", rollup: "r", value: value, method: .ewma(.defaults),
            alert: AnomalyAlertDefinition(severity: "error", summary: summary))
        let error = #expect(throws: AnomalyMonitorProblem.self) {
            try CompiledMonitor(definition, groupColumns: ["interface_id"], measures: ["ports", "flows"])
        }
        #expect(error?.key == key)
        #expect(error?.message == message)
    }
}
