import Decoding
import Settings
import TelemetryModel
import Testing

@testable import Planning

/// What is recorded always, and what the settings add.
@Suite struct AuditPolicyTests {
    private static let write = #""eventName":"DeleteTrail","readOnly":false,"managementEvent":true"#
    private static let read = #""eventName":"ListKeys","eventSource":"kms.amazonaws.com","readOnly":true"#
    private static let insight = #""eventName":"RunInstances","eventCategory":"Insight""#
    private static let secret = #""eventName":"GetSecretValue","readOnly":true"#

    private struct Decisions: EventConsumer, ~Copyable {
        let policy: AuditPolicy
        var decisions: [AuditPolicy.Decision] = []

        init(policy: AuditPolicy) { self.policy = policy }

        mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
            for row in 0..<batch.count { decisions.append(policy.decision(on: batch.row(row, of: payload))) }
        }

        mutating func reject(_ rejection: borrowing Rejection) {}
    }

    private func decisions(_ include: String?, on events: String...) throws -> [AuditPolicy.Decision] {
        let plan = try PipelinePlan(
            resources: ResourceSet(), outputs: [.audit], audit: AuditSettings(include: include))
        var decisions = Decisions(policy: try #require(plan.auditPolicy))
        var decoder = plan.makeMessageDecoder(format: .cloudTrail, flowFields: nil, limits: DecodingLimits())
        let text = events.map { #"{"eventTime":"2026-01-15T09:00:00Z",\#($0)}"# }.joined(separator: "\n")
        _ = decoder.decode(Array(text.utf8).span.bytes, to: &decisions)
        return decisions.decisions
    }

    @Test func withoutAFilterReadsArePassedOver() throws {
        #expect(
            try decisions(nil, on: Self.write, Self.read, Self.insight, Self.secret)
                == [.recorded, .passedOver, .passedOver, .recorded])
    }

    @Test func aFilterAddsWhatItNames() throws {
        #expect(
            try decisions(
                #"event.eventSource == "kms.amazonaws.com""#, on: Self.read,
                #""eventName":"ListTopics","eventSource":"sns.amazonaws.com","readOnly":true"#)
                == [.recorded, .passedOver])
    }

    @Test func trueAddsEverything() throws {
        #expect(
            try decisions("true", on: Self.write, Self.read, Self.insight) == [.recorded, .recorded, .recorded])
    }

    @Test func nothingTakesAwayWhatIsAlwaysRecorded() throws {
        #expect(try decisions("false", on: Self.write, Self.secret, Self.read) == [.recorded, .recorded, .passedOver])
    }

    /// A field that an event lacks: neither recorded nor passed over without a word.
    @Test func aFilterWithoutAnAnswerIsTold() throws {
        #expect(
            try decisions(#"event.requestParameters.keyId == "k""#, on: Self.read, Self.write)
                == [.undecided, .recorded])
    }
}
