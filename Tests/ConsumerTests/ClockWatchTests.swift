import TelemetryModel
import Testing

@testable import Consumer

/// When a member's clock keeps it from taking partitions.
@Suite struct ClockWatchTests {
    @Test func aMinuteToEitherSideIsTheBound() {
        for sign in [1, -1] {
            var watch = ClockWatch()
            let answer1 = watch.note(.seconds(40 * sign))
            #expect(answer1 == .none)
            let answer2 = watch.note(.seconds(60 * sign))
            #expect(answer2 == .none)
            let answer3 = watch.note(.milliseconds(60_001 * sign))
            #expect(answer3 == .turnedOff)
            #expect(watch.isOff)
            let answer4 = watch.note(.seconds(3600 * sign))
            #expect(answer4 == .none)
            // At the bound it does not come and go.
            let answer5 = watch.note(.seconds(58 * sign))
            #expect(answer5 == .none)
            let answer6 = watch.note(.seconds(2 * sign))
            #expect(answer6 == .turnedRight)
            #expect(!watch.isOff)
        }
    }

    @Test func withoutABrokersClockNothingIsOff() {
        var watch = ClockWatch()
        let answer7 = watch.note(nil)
        #expect(answer7 == .none)
        #expect(!watch.isOff)
    }

    @Test func theBrokerIsAskedOnceAndAgainWhileTheClockIsOff() {
        var watch = ClockWatch()
        let answer8 = watch.asks(at: .zero)
        #expect(answer8)
        let answer9 = watch.asks(at: .seconds(100))
        #expect(!answer9)
        _ = watch.note(.seconds(100))
        let answer10 = watch.asks(at: .seconds(101))
        #expect(answer10)
        let answer11 = watch.asks(at: .seconds(110))
        #expect(!answer11)
        let answer12 = watch.asks(at: .seconds(112))
        #expect(answer12)
    }

    @Test func thatTheHostsClockIsUsedIsSaidOnceAndThatItIsNoMore() {
        var watch = ClockWatch()
        let answers = [nil, nil, Duration.seconds(3), .seconds(100), .zero].map { watch.noteOrigin($0) }
        #expect(answers == [.host, nil, .broker, nil, nil])
        var known = ClockWatch()
        let quiet = known.noteOrigin(.seconds(1))
        #expect(quiet == nil)
    }

    @Test func whatIsSaidNamesHowFarAndToWhichSide() {
        #expect(ClockWatch.text(.seconds(3600)) == "the host's clock is 3600 s ahead of the broker's")
        #expect(ClockWatch.text(.milliseconds(-90_400)) == "the host's clock is 90 s behind the broker's")
    }

    @Test func theBrokersClockIsBelievedAndTheHostsOnlyWithoutIt() {
        let (broker, host) = (Timestamp(nanoseconds: 5_000_000_000), Timestamp(nanoseconds: 7_000_000_000))
        let both = TrustedClock(broker: { broker }, host: { host })
        #expect(both.now() == broker)
        #expect(both.hostOffset == .seconds(2))
        let alone = TrustedClock(broker: { nil }, host: { host })
        #expect(alone.now() == host)
        #expect(alone.hostOffset == nil)
    }
}
