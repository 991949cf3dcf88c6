import Alerting
import KafkaClient
import Observability
import Records
import TelemetryModel
import TestSupport
import Testing

@testable import Consumer

extension CallsCluster {
    /// Of all entries of the registers.
    fileprivate func writtenVersions() throws -> Set<Int> {
        let reader = try KafkaTopicReader(
            settings: broker.settings, topics: [Self.topics.registers], timeout: patience)
        var versions: Set<Int> = []
        while !reader.isAtEnd {
            try reader.poll(timeout: .milliseconds(50)) { _, message in
                if let entry = try? WrittenEntry(json: Array(copying: message.value)) { versions.insert(entry.version) }
            }
        }
        return versions
    }
}

/// The whole consumer over an embedded broker: what is published is what was sent, to the unit.
@Suite(.serialized) struct PipelineTests {
    @Test(.timeLimit(.minutes(5)))
    func whatWasSentIsCountedToTheUnitAndAConsumerGoesOnWhereTheLastOneStopped() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 300, failing: 2)
            try cluster.send("no record at all", key: nil, to: CallsCluster.input)
            let first = try cluster.run()
            #expect(first.isClosed())
            #expect(first.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
            // Half of all calls fail, of which one in a hundred may: it is said, in the feed as to who runs the consumer.
            let open = try cluster.feed().alerts().filter { $0.alert.status == .open }
            #expect(!open.isEmpty && open.allSatisfy { $0.alert.labels["objective"] == "calls" }, "\(open)")
            #expect(Set(open.map(\.alert.dedupKey)).isSubset(of: first.alerts.map(\.alert.dedupKey)))
            // Who follows the feed sees each transition that was said.
            var followed: [DedupKey] = []
            try cluster.feed().follow(fromBeginning: true, isDone: { followed.count >= first.alerts.count }) {
                followed.append($0.alert.dedupKey)
            }
            #expect(followed == first.alerts.map(\.alert.dedupKey))
            #expect(try cluster.records(in: CallsCluster.topics.deadLetter) == 1)
            #expect(try cluster.records(in: CallsCluster.topics.audit) == cluster.sent)
            #expect(first.readiness.current == .stopping)

            // What comes while nobody counts is counted by the next one, and nothing twice.
            try cluster.send(calls: 90, failing: 3)
            let second = try cluster.run()
            #expect(try cluster.isCounted(while: second))
            try cluster.send(calls: 90, failing: 90)
            #expect(try cluster.isCounted(while: second))
            #expect(second.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
            #expect(try cluster.records(in: CallsCluster.topics.deadLetter) == 1)
            #expect(try cluster.records(in: CallsCluster.topics.audit) == cluster.sent)
            #expect(second.metrics.value(.readySeconds) != nil)
        }
    }

    @Test(.timeLimit(.minutes(5))) func membersOfOneRoleEachCountAsOneWithBothDoes() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 200, failing: 4)
            let counting = try cluster.run([.count])
            #expect(counting.isReady())
            // Nothing is judged before somebody evaluates.
            #expect(try cluster.counted().total == 0)
            let evaluating = try cluster.run([.evaluate])
            #expect(try cluster.isCounted(while: counting, evaluating))
            #expect(evaluating.isClosed() && !counting.closed.isReached)
            try cluster.send(calls: 60, failing: 4)
            #expect(try cluster.isCounted(while: counting, evaluating))
            // What is counted while nobody evaluates is judged by whoever does next.
            #expect(evaluating.stop() == nil)
            try cluster.send(calls: 60, failing: 4)
            let next = try cluster.run([.evaluate])
            #expect(try cluster.isCounted(while: counting, next))
            #expect(counting.stop() == nil)
            #expect(next.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
        }
    }

    @Test(.timeLimit(.minutes(5))) func membersJoinAndLeaveAndNothingIsCountedTwiceOrNotAtAll() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            let first = try cluster.run()
            #expect(first.isReady())
            try cluster.send(calls: 120, failing: 5)
            let second = try cluster.run()
            #expect(second.isReady())
            try cluster.send(calls: 120, failing: 5)
            #expect(try cluster.isCounted(while: first, second))
            #expect(first.stop() == nil)
            try cluster.send(calls: 120, failing: 5)
            #expect(try cluster.isCounted(while: second))
            #expect(second.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
        }
    }

    @Test(.timeLimit(.minutes(5))) func aBrokerThatGoesAwayCostsNothing() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 60, failing: 5)
            let pipeline = try cluster.run()
            #expect(try cluster.isCounted(while: pipeline))
            try cluster.broker.takeDown()
            #expect(
                eventually(while: { pipeline.isRunning }) {
                    guard case .degraded(let reason) = pipeline.readiness.current else { return false }
                    return reason.contains("no broker")
                })
            try cluster.broker.bringUp()
            #expect(pipeline.isReady())
            try cluster.send(calls: 60, failing: 5)
            #expect(try cluster.isCounted(while: pipeline))
            #expect(pipeline.stop() == nil)
            #expect(try cluster.counted() == cluster.expected)
        }
    }

    @Test(.timeLimit(.minutes(5)), arguments: [nil, RecordForm.first, .definitions])
    func whatIsWrittenKeepsItsFormUnlessTheSettingsSayAnother(_ former: RecordForm?) async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            for form in [former, nil] {
                try cluster.send(calls: 30, failing: 5)
                let pipeline = try cluster.run(form: form)
                #expect(try cluster.isCounted(while: pipeline))
                #expect(pipeline.stop() == nil)
            }
            #expect(try cluster.writtenVersions() == [former?.rawValue ?? RecordForm.definitions.rawValue])
        }
    }

    @Test func theNewestVersionThatIsThereIsWrittenAndTheSecondWhereNothingIsLeft() {
        #expect(RecordFormSearch.form(of: []) == .definitions)
        #expect(RecordFormSearch.form(of: [1, 1]) == .first)
        #expect(RecordFormSearch.form(of: [1, 2, 1]) == .definitions)
    }

    @Test(.timeLimit(.minutes(5))) func whatWasCountedInTheOlderFormGoesOnInTheNewerOne() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            for form in [RecordForm.first, .definitions] {
                try cluster.send(calls: 90, failing: 5)
                let pipeline = try cluster.run(form: form)
                #expect(try cluster.isCounted(while: pipeline))
                #expect(pipeline.stop() == nil)
                #expect(try cluster.counted() == cluster.expected)
            }
        }
    }
}
