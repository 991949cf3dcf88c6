import Alerting
import KafkaClient
import Objectives
import Observability
import Records
import Runtime
import Settings
import TelemetryModel
import TestSupport
import Testing

@testable import Consumer

/// What somebody without a key writes into topics of our own changes nothing where a code is asked for, and is counted and named.
@Suite(.serialized) struct ForgedRecordTests {
    private static func mac(_ letter: Character, verifying: String = "", since: Timestamp? = nil) -> MACSettings {
        func secret(_ letter: Character) -> Secret { Secret(String(repeating: letter, count: 40)) }
        var mac = MACSettings(key: secret(letter))
        mac.verificationKeys = verifying.map(secret)
        mac.requiredSince = since
        return mac
    }

    private func value(_ topic: String, _ fault: MACFault, in pipeline: RunningPipeline) -> Double? {
        pipeline.metrics.value(.recordsUnauthentic, [("topic", topic), ("reason", fault.rawValue)])
    }

    /// Every attack in every form at once: on what runs, and on what is restored.
    @Test(.timeLimit(.minutes(5)))
    func noForgedRecordChangesANumberOrAnAlertAndEachIsNamed() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            cluster.mac = Self.mac("k")
            try cluster.send(calls: 90, failing: 2)
            let first = try cluster.run()
            #expect(first.isClosed())
            #expect(try cluster.isCounted(while: first))
            let open = try cluster.feed().alerts().filter { $0.alert.status == .open }
            #expect(!open.isEmpty)

            // Before anything is forged there is nothing to be named.
            for topic in CallsCluster.topics.stateNames {
                for fault in MACFault.allCases { #expect(value(topic, fault, in: first) == 0) }
            }
            let forger = try ForgedRecords(cluster)
            var forged: [String: [MACFault: Int]] = [:]
            for attack in ForgedRecords.Attack.allCases {
                for (code, fault) in [
                    (.missing, .missing), (.copied, .wrong), (.foreign, .unknownKey),
                ] as [(ForgedRecords.Code, MACFault)] {
                    forged[attack.topic, default: [:]][fault, default: 0] += try forger.write(attack, code)
                }
            }
            let registers = CallsCluster.topics.registers
            #expect(
                eventually(while: { first.isRunning }) {
                    MACFault.allCases.allSatisfy { fault in
                        value(registers, fault, in: first) == forged[registers]?[fault].map(Double.init)
                    }
                })
            try cluster.send(calls: 90, failing: 3)
            #expect(try cluster.isCounted(while: first))
            #expect(first.metrics.value(.registersSkipped, [("reason", "superseded")]) == 0)
            #expect(first.stop() == nil)

            // Who starts now reads all of it but the registers, of which the checkpoints tell.
            let second = try cluster.run()
            try cluster.send(calls: 90, failing: 3)
            #expect(try cluster.isCounted(while: second))
            #expect(second.stop() == nil)
            for (topic, faults) in forged where topic != registers {
                for (fault, count) in faults {
                    #expect(value(topic, fault, in: second) == Double(count), "\(topic) \(fault)")
                }
            }

            let feed = cluster.feed()
            let history = try feed.windows()
            #expect(history.ledgers.map(\.terms.name) == ["calls"])
            #expect(try cluster.counted() == cluster.expected)
            let still = try feed.alerts().filter { $0.alert.status == .open }
            #expect(still.map(\.alert.dedupKey) == open.map(\.alert.dedupKey))
            var followed = 0
            try feed.follow(fromBeginning: true, isDone: { followed >= first.alerts.count + second.alerts.count }) {
                #expect($0.reason != "forged")
                followed += 1
            }
            let lines = feed.unauthentic.lines
            #expect(lines.map(\.topic) == [CallsCluster.topics.alerts, CallsCluster.topics.windows])
            #expect(
                lines[1].text.hasPrefix(
                    "3 records are passed over, without a right authentication code (1 without one, 1 with a wrong one, 1 by a key "
                        + "that is not known here)"), "\(lines)")
        }
    }

    /// What the attacks do where nobody asks for a code: else the test above could not fail.
    @Test(.timeLimit(.minutes(5))) func withoutACodeTheAttacksAreWhatTheyWere() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 90, failing: 2)
            let pipeline = try cluster.run()
            #expect(pipeline.isClosed())
            #expect(try cluster.isCounted(while: pipeline))
            let forger = try ForgedRecords(cluster)
            try forger.write(.window)
            try forger.write(.resolved)
            try forger.write(.claim)
            let feed = cluster.feed()
            #expect(try feed.windows().ledgers.map(\.terms.name) == ["calls", "forged"])
            #expect(try feed.alerts().allSatisfy { $0.alert.status == .resolved })
            try cluster.send(calls: 30, failing: 3)
            #expect(
                eventually(while: { pipeline.isRunning }) {
                    (pipeline.metrics.value(.registersSkipped, [("reason", "superseded")]) ?? 0) > 0
                })
            #expect(pipeline.stop() == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aConsumerThatBeginsToSignGoesOnWithWhatItHasAndBelievesNothingNewWithoutACode() async throws {
        try await onOwnThread {
            let cluster = try CallsCluster()
            try cluster.send(calls: 60, failing: 5)
            let before = try cluster.run()
            #expect(before.isClosed())
            #expect(try cluster.isCounted(while: before))
            #expect(before.stop() == nil)

            // Kafka's times are in milliseconds: the records of before are older than the next one.
            letPass(.milliseconds(2))
            cluster.mac = Self.mac("k", since: .now())
            try cluster.send(calls: 60, failing: 5)
            let signing = try cluster.run()
            #expect(try cluster.isCounted(while: signing))
            let forger = try ForgedRecords(cluster)
            for attack in ForgedRecords.Attack.allCases where attack.topic == CallsCluster.topics.registers {
                try forger.write(attack)
            }
            try cluster.send(calls: 60, failing: 5)
            #expect(try cluster.isCounted(while: signing))
            #expect(signing.stop() == nil)

            // The next key, with the former one beside it.
            cluster.mac = Self.mac("n", verifying: "k", since: cluster.mac?.requiredSince)
            try cluster.send(calls: 60, failing: 5)
            let next = try cluster.run()
            #expect(try cluster.isCounted(while: next))
            #expect(next.stop() == nil)
            #expect(value(CallsCluster.topics.windows, .unknownKey, in: next) == 0)

            // Without the former one what it has signed is not believed, and that is said.
            cluster.mac = Self.mac("n", since: cluster.mac?.requiredSince)
            let feed = cluster.feed()
            _ = try feed.windows()
            #expect(feed.unauthentic.lines.map(\.topic) == [CallsCluster.topics.windows])
        }
    }
}
