import KafkaClient
import Runtime
import Testing

@testable import Delivery

/// When what a sink was told is asked for again.
@Suite struct FeedRestorerTests {
    private func error(isFatal: Bool) -> KafkaError {
        KafkaError(code: .fail, message: "no", isFatal: isFatal, operation: "committed")
    }

    @Test func whatMayPassIsTriedAgain() throws {
        try FeedRestorer.expectAnotherAttempt(after: error(isFatal: false), isStopping: false)
    }

    @Test func aClientThatHasEndedEndsTheSinkWithTheReason() {
        #expect(throws: KafkaError.self) {
            try FeedRestorer.expectAnotherAttempt(after: error(isFatal: true), isStopping: false)
        }
    }

    @Test(arguments: [true, false])
    func aProcessThatStopsHasNoReason(isFatal: Bool) {
        #expect(throws: StopReached.self) {
            try FeedRestorer.expectAnotherAttempt(after: error(isFatal: isFatal), isStopping: true)
        }
    }
}
