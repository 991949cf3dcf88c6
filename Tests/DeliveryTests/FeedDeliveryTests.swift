import Foundation
import Records
import Sinks
import TestSupport
import Testing

@testable import Delivery

/// The thread around the engine, with a broker and a sink.
@Suite(.serialized) struct FeedDeliveryTests {
    @Test(.timeLimit(.minutes(10)))
    func whatIsDecidedWhenASinkIsConnectedIsInThePartitionOfTheLogThatIsReadBack() async throws {
        try await FeedFixture.run { fixture in
            try fixture.feed.publish(.resolved, "past", partition: 2)
            try fixture.feed.publish(.open, "now", partition: 1)
            try fixture.start()
            let requests = fixture.nextRequests()
            #expect(requests.count == 1 && requests.first?.contains("slo/now/") == true)
            var written: [Int32] = []
            let isWritten = try eventually {
                written = try fixture.feed.records(fixture.feed.topics.notifications).map(\.partition)
                return written.count == 2
            }
            #expect(isWritten && written.sorted() == [1, 2])
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func whatSomebodyWithoutTheKeyWritesTellsNobodyAnythingAndHoldsUpNothing() async throws {
        let key = try #require(MACKey([UInt8](repeating: 0x6B, count: 32)))
        let ours = RecordAuthentication(signing: key)
        try await FeedFixture.run { fixture in
            try fixture.feed.publish(.open, "forged", partition: 0)
            try fixture.feed.publish(.open, "honest", partition: 0, by: ours)
            try fixture.start(authentication: ours)
            #expect(fixture.nextRequests().first?.contains("slo/honest/") == true)
            // Neither its end nor another one's beginning, nor what says that it was told.
            try fixture.feed.publish(.resolved, "honest", partition: 0)
            try fixture.feed.publish(.open, "forged", partition: 0)
            try fixture.feed.publish(.open, "second", partition: 0, by: ours)
            #expect(fixture.nextRequests().first?.contains("slo/second/") == true)
            fixture.leave()
            let log = fixture.feed.topics.notifications
            let written = try fixture.feed.records(log)
            #expect(!written.isEmpty && written.allSatisfy { $0.header(RecordAuthentication.header) != nil })
            for record in written {
                try fixture.feed.write(
                    record.value, to: log, partition: record.partition, key: Array("hook/forged".utf8))
            }
            try fixture.start(authentication: ours)
            try fixture.feed.publish(.resolved, "honest", partition: 0, by: ours)
            let last = fixture.nextRequests()
            #expect(last.count == 1 && last[0].contains("slo/honest/") && last[0].contains(#""status":"resolved""#))
        }
    }

    /// Where it was connected stays, so what comes after that is told in order, however late.
    @Test(.timeLimit(.minutes(10)))
    func aNewSinkThatTakesNothingIsToldAllThatCameSinceItWasConnected() async throws {
        try await FeedFixture.run(status: 500) { fixture in
            try fixture.feed.publish(.open, "before", partition: 0)
            try fixture.start()
            #expect(fixture.nextRequests().first?.contains("slo/before/") == true)
            fixture.leave()
            fixture.forgetRequests()
            try fixture.feed.publish(.open, "after", partition: 0)
            try fixture.feed.publish(.resolved, "after", partition: 0)
            fixture.answer(202)
            try fixture.start()
            var told: [String] = []
            while told.count < 3 {
                let requests = fixture.nextRequests()
                if requests.isEmpty { break }
                told += requests.map { request in
                    let name = request.contains("slo/before/") ? "before" : "after"
                    return request.contains(#""status":"open""#) ? "open \(name)" : "resolved \(name)"
                }
            }
            #expect(told.count == 3 && told.contains("open before"))
            #expect(told.filter { $0.hasSuffix("after") } == ["open after", "resolved after"])
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func aDeadLetterThatIsNotTakenEndsTheSinkWithTheReason() async throws {
        try await FeedFixture.run(status: 400) { fixture in
            try fixture.feed.publish(.open, "refused", partition: 0)
            fixture.feed.broker.pushErrors(Array(repeating: .messageTooLarge, count: 10), on: .produce)
            try fixture.start()
            #expect(fixture.nextRequests().count == 1)
            let reason = fixture.nextEnd()
            #expect(reason.contains("MSG_SIZE_TOO_LARGE"), "\(reason)")
        }
    }

    /// What waits in memory has a bound, behind which the feed keeps the rest.
    @Test(.timeLimit(.minutes(10)))
    func aPartitionOfWhichTooMuchWaitsIsPausedUntilTheSinkTakesIt() async throws {
        try await FeedFixture.run { fixture in
            // Once it is connected all comes in order.
            try fixture.feed.publish(.open, "first", partition: 0)
            var limits = DeliveryLimits()
            limits.waitingMax = 4
            try fixture.start(limits)
            #expect(fixture.nextRequests().first?.contains("slo/first/") == true)
            fixture.answer(503)
            for number in 0..<20 { try fixture.feed.publish(.open, "alert-\(number)", partition: 0) }
            let isPaused = eventually { fixture.metric(.notificationsPaused) == 1 }
            #expect(isPaused)
            #expect(fixture.metric(.notificationsWaiting) ?? 0 > 4 && fixture.metric(.notificationsOldest) ?? 0 > 0)
            fixture.answer(202)
            let isDone = eventually {
                fixture.metric(.notifications, ("result", "accepted")) == 21
                    && fixture.metric(.notificationsWaiting) == 0
            }
            #expect(isDone && fixture.metric(.notificationsPaused) == 0)
            #expect(fixture.metric(.notificationsRemembered) == 21 && fixture.metric(.notificationsOldest) == 0)
        }
    }
}
