import Accounting
import TelemetryModel
import Testing

@testable import Consumer
@testable import Counting

/// When a member says that an input's event time is far from the clock.
@Suite struct EventTimeWatchTests {
    private static let clock = Timestamp(nanoseconds: 1_800_000_000_000_000_000)
    private static let first = SourcePartition(topic: "calls", partition: 0)
    private static let second = SourcePartition(topic: "calls", partition: 1)
    private static let other = SourcePartition(topic: "flows", partition: 0)

    /// A partition that has counted so many events, the latest of them so many seconds after the clock.
    private func partition(_ source: SourcePartition, _ events: Int, seconds: Int64) -> LivePartition {
        LivePartition(
            source: source, position: Int64(events),
            eventTime: Self.clock.advanced(by: seconds * Timestamp.nanosecondsPerSecond), unflushedSince: nil,
            heldBytes: 0, events: events, eventsFlushed: 0)
    }

    private func watch() -> EventTimeWatch { EventTimeWatch(behindMax: .seconds(3600)) }

    @Test func whatIsFarBehindIsSaidOnceWithItsFurthestPartitionAndAgainAfterTenMinutes() {
        var watch = watch()
        func look(_ events: Int, at minutes: Int) -> [EventTimeWatch.Line] {
            watch.look(
                at: [
                    partition(Self.first, events, seconds: -3601), partition(Self.second, events, seconds: -7200),
                    partition(Self.other, events, seconds: -3600),
                ], clock: Self.clock, now: .seconds(60 * minutes))
        }
        #expect(look(1, at: 0) == [.off(.behind, .seconds(7200), Self.second)])
        for minute in 1..<10 { #expect(look(1 + minute, at: minute).isEmpty) }
        #expect(look(20, at: 10) == [.off(.behind, .seconds(7200), Self.second)])
        #expect(look(21, at: 11).isEmpty)
    }

    @Test func aSilentPartitionIsNotBehind() {
        var watch = watch()
        #expect(
            watch.look(at: [partition(Self.first, 5, seconds: -10)], clock: Self.clock, now: .zero).isEmpty)
        // Two hours later it has counted nothing more.
        let later = Self.clock.advanced(by: 7200 * Timestamp.nanosecondsPerSecond)
        #expect(watch.look(at: [partition(Self.first, 5, seconds: -10)], clock: later, now: .seconds(7200)).isEmpty)
    }

    @Test func aMinuteAheadIsTheBound() {
        var watch = watch()
        #expect(watch.look(at: [partition(Self.first, 1, seconds: 60)], clock: Self.clock, now: .zero).isEmpty)
        #expect(
            watch.look(at: [partition(Self.first, 2, seconds: 61)], clock: Self.clock, now: .zero)
                == [.off(.ahead, .seconds(61), Self.first)])
    }

    @Test func thatItIsOverIsSaidAndComingBackAtOnceSaysNothingNew() {
        var watch = watch()
        func look(_ events: Int, _ seconds: Int64, at now: Int) -> [EventTimeWatch.Line] {
            watch.look(at: [partition(Self.first, events, seconds: seconds)], clock: Self.clock, now: .seconds(now))
        }
        #expect(look(1, -4000, at: 0).count == 1)
        #expect(look(2, -10, at: 10) == [.near(topic: "calls")])
        #expect(look(3, -10, at: 20).isEmpty)
        #expect(look(4, -4000, at: 30).isEmpty)
        #expect(look(5, -10, at: 40).isEmpty)
        // The other side is another matter.
        #expect(look(6, 100, at: 50) == [.off(.ahead, .seconds(100), Self.first)])
        #expect(look(7, -4000, at: 700) == [.off(.behind, .seconds(4000), Self.first)])
    }

    @Test func eachTopicHasItsOwnLinesAndWhatIsNearHidesNothing() {
        var watch = watch()
        let lines = watch.look(
            at: [
                partition(Self.first, 1, seconds: -10), partition(Self.second, 1, seconds: 120),
                partition(Self.other, 1, seconds: -9000),
            ], clock: Self.clock, now: .zero)
        #expect(lines == [.off(.ahead, .seconds(120), Self.second), .off(.behind, .seconds(9000), Self.other)])
    }

    @Test func aPartitionThatCameAnewCountsFromNothing() {
        var watch = watch()
        _ = watch.look(at: [partition(Self.first, 500, seconds: 0)], clock: Self.clock, now: .zero)
        _ = watch.look(at: [], clock: Self.clock, now: .seconds(10))
        #expect(
            watch.look(at: [partition(Self.first, 3, seconds: -4000)], clock: Self.clock, now: .seconds(20)).count == 1)
    }

    @Test func itLooksEveryTenSeconds() {
        var watch = watch()
        let answers = [0, 5, 10, 12, 20].map { watch.looks(at: .seconds($0)) }
        #expect(answers == [true, false, true, false, true])
    }
}
