import Foundation
import KafkaClient
import TestSupport
import Testing

/// What a cluster does at its worst: nothing is lost, nothing counts twice, and no process has to be started again.
@Suite(.serialized) struct FaultTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        let request: EmbeddedBroker.Request
        let errors: [KafkaError.Code]
        var testDescription: String { "\(request)" }
    }

    private static func code(_ value: Int32) -> KafkaError.Code { KafkaError.Code(rawValue: value) }

    /// The codes are Kafka's: 5 no leader, 6 another leader, 7 timed out, 15 and 16 no or another coordinator, 19 and 20 too
    /// few replicas, 56 a disk.
    static let faults = [
        Fault(request: .produce, errors: [code(7), .notLeader, .transport, code(19), code(20), .transport]),
        Fault(request: .fetch, errors: [.notLeader, .transport, code(56), code(7), .transport]),
        Fault(request: .offsetCommit, errors: [code(15), code(16), code(7), .transport, .rebalanceInProgress]),
        Fault(request: .metadata, errors: [code(5), .transport, code(7), code(5)]),
    ]

    @Test(.timeLimit(.minutes(6)), arguments: faults)
    func requestsThatFailLoseNothingAndCountNothingTwice(_ fault: Fault) throws {
        let run = try FaultedRun()
        for _ in 0..<4 {
            run.broker.pushErrors(fault.errors, on: fault.request)
            try run.proceed(by: 400)
        }
        run.broker.clearErrors(on: fault.request)
        // What a refused batch became is the mock's to say where requests of the generator fail too.
        try run.expectExactTotals(of: fault.request == .produce ? .held : .sent)
    }

    @Test(.timeLimit(.minutes(6)))
    func aBrokerThatGoesAndComesLosesNothing() throws {
        let run = try FaultedRun()
        for _ in 0..<2 {
            try run.proceed(by: 500)
            try run.broker.takeDown()
            // As long as it takes the session to be over for the broker, were it there, and many retries.
            letPass(.seconds(7))
            #expect(run.isRunning, "\(run.log)")
            try run.broker.bringUp()
        }
        try run.expectExactTotals()
    }

    @Test(.timeLimit(.minutes(6)))
    func leadersAndCoordinatorsThatMoveLoseNothing() throws {
        let run = try FaultedRun(brokers: 2)
        for turn in 0..<4 {
            let leader = Int32(turn % 2 + 1)
            for topic in FaultedRun.inputs + ["tidewatch.registers", "tidewatch.windows"] {
                for partition in 0..<Int32(2) {
                    try run.broker.setLeader(of: TopicPartition(topic: topic, partition: partition), to: leader)
                }
            }
            try run.proceed(by: 500)
        }
        for group in [FaultedRun.group, FaultedRun.group + "-evaluators"] {
            try run.broker.setCoordinator(ofGroup: group, to: 2)
        }
        try run.expectExactTotals(of: .held)
    }

    @Test(.timeLimit(.minutes(6)))
    func aPartitionWithoutALeaderHoldsBackNoOther() throws {
        let partition = TopicPartition(topic: "vpc-flow", partition: 1)
        let run = try FaultedRun(leaderless: [partition])
        try run.proceed(by: 300)
        #expect(run.metric("tidewatch_partitions_waiting ") == 1)
        try run.broker.setLeader(of: partition, to: 1)
        #expect(run.awaits { (try? run.folder.text("run.log"))?.contains("taken over\"") == true }, "\(run.log)")
        #expect(run.metric("tidewatch_partitions_waiting ") == 0)
        try run.expectExactTotals()
    }

    /// Before a member joins it reads the log's end; where that has no leader yet it waits, as it does later on.
    @Test(.timeLimit(.minutes(6)))
    func aLogWithoutALeaderAtTheStartIsWaitedFor() throws {
        let partition = TopicPartition(topic: "tidewatch.registers", partition: 0)
        let run = try FaultedRun(leaderless: [partition], counts: false)
        let isSaid = run.awaits {
            (try? run.folder.text("run.log"))?.contains("the log of a shard can't be read yet") == true
        }
        #expect(isSaid && run.isRunning, "\(run.log)")
        try run.broker.setLeader(of: partition, to: 1)
        try run.proceed(by: 300)
        try run.expectExactTotals()
    }

    @Test(.timeLimit(.minutes(6)), arguments: ["vpc-flow", "tidewatch.registers"])
    func aTopicThatIsUnknownForAWhileLosesNothing(_ topic: String) throws {
        let run = try FaultedRun()
        try run.proceed(by: 300)
        run.broker.setTopicError(topic, .unknownTopicOrPartition)
        // Clients ask for metadata when a leader is not the leader any more.
        run.broker.pushErrors([.notLeader, .notLeader, .notLeader], on: .fetch)
        // The first cause of a fault is said, and that is one or the other.
        let isSaid = run.awaits {
            let said = (try? run.folder.text("run.log")) ?? ""
            return said.contains("nknown topic") || said.contains("Unknown partition")
        }
        #expect(isSaid, "\(run.log)")
        run.broker.setTopicError(topic, .none)
        try run.proceed(by: 300)
        try run.expectExactTotals()
    }

    @Test(.timeLimit(.minutes(6)))
    func roundTripsOfHalfASecondLoseNothing() throws {
        let run = try FaultedRun()
        try run.broker.setRoundTrip(.milliseconds(500))
        try run.proceed(by: 1_500)
        try run.broker.setRoundTrip(.zero)
        try run.expectExactTotals()
    }
}
