import TelemetryModel
import Testing

@Suite struct EventTimesTests {
    private let start = Timestamp(nanoseconds: 1_768_467_600_000_000_000)

    private func times(_ seconds: [EventKind: Int64]) -> EventTimes {
        var times = EventTimes()
        for (kind, seconds) in seconds { times[kind] = start.advanced(by: seconds * Timestamp.nanosecondsPerSecond) }
        return times
    }

    @Test func theSlowestOfTheKindsDecidesAndOneThatIsNotKnownDecidesNothing() {
        let times = times([.cloudTrail: 0, .metric: 60])
        #expect(times.least(of: [.metric]) == start.advanced(by: 60 * Timestamp.nanosecondsPerSecond))
        #expect(times.least(of: [.metric, .cloudTrail]) == start)
        #expect(times.least(of: [.metric, .vpcFlow]) == nil)
        #expect(times.least == nil && EventTimes(all: start).least == start)
    }

    @Test func noKindGoesBack() {
        var known = times([.cloudTrail: 10, .metric: 60])
        known.advance(to: times([.cloudTrail: 20, .vpcFlow: 5, .metric: 50]))
        #expect(known == times([.cloudTrail: 20, .vpcFlow: 5, .metric: 60]))
        known.advance(to: EventTimes())
        #expect(known == times([.cloudTrail: 20, .vpcFlow: 5, .metric: 60]))
    }

    @Test func aTextIsReadBack() {
        #expect(EventTimes().text == nil)
        #expect(EventTimes(all: start).text == "2026-01-15T09:00:00Z")
        #expect(
            times([.cloudTrail: 0, .metric: 60]).text == "cloudtrail=2026-01-15T09:00:00Z metric=2026-01-15T09:01:00Z")
        for known in [
            EventTimes(all: start), times([.vpcFlow: 1]), times([.cloudTrail: 0, .vpcFlow: 0, .metric: 60]),
        ] {
            #expect(known.text.flatMap { EventTimes(text: $0) } == known)
        }
    }

    @Test(arguments: ["", "x", "metric=", "metric=x", "other=2026-01-15T09:00:00Z", "metric=2026-01-15T09:00:00Z "])
    func whatIsNoSuchTextIsNotRead(text: String) { #expect(EventTimes(text: text) == nil) }
}
