import Aggregation
import Planning
import TelemetryModel
import TestObjectives
import Testing

@testable import Evaluation

/// What a monitor has no room for is told under its name.
@Suite struct UntrackedGroupTests {
    @Test(arguments: [GroupIdentity.values, .digest, .number])
    func groupsBeyondTheBoundAreCounted(identity: GroupIdentity) throws {
        let plan = try CallsObjective.namesWithAMonitor()
        var states = MonitorStates(plan: plan, identity: identity, groupsMax: 2)
        var engine = RollupEngine(plan.rollups[0].plan)
        for minute: Int64 in 0..<3 {
            for name in ["a", "b", "c", "d"] {
                let start = Timestamp(nanoseconds: minute * 60_000_000_000)
                let isTaken = engine.restore(
                    RollupChange(windowStart: start, group: [name], measures: [.count(1)]))
                #expect(isTaken)
            }
        }
        for start in engine.windowStarts {
            let window = engine.peekWindow(start)
            _ = states.take(try #require(window), rollup: 0)
        }
        #expect(states.untrackedGroups == ["unusual": 6])
    }
}
