import Foundation
import TestSupport
import Testing

/// A member that is told to write version 2 comes while one of 0.1.0 counts: it must not write a thing, because 0.1.0 skips
/// that, and counts the same anew.
@Suite(.serialized) struct OlderMemberTests {
    private let folder: TemporaryFolder
    private let broker: Broker

    init() throws {
        folder = try TemporaryFolder()
        broker = try Broker(topics: Broker.allTopics)
    }

    /// As 0.1.0 writes, in every shard's log.
    private func count(_ from: Int, _ to: Int, epoch: Int = 3) throws {
        for shard in 0..<Int32(4) {
            try broker.send(
                key: "cloudtrail/0",
                Data(
                    #"""
                    {"kind":"update","source":{"topic":"cloudtrail","partition":0},"epoch":\#(epoch),\#
                    "from":{"offset":\#(from)},"to":{"offset":\#(to)}}
                    """#.utf8), to: "tidewatch.registers", partition: shard)
        }
    }

    private func start(version: Int) throws -> (process: Process, ports: [Int]) {
        let ports = try freePorts(2)
        let settings = try folder.writeSettings(
            broker: broker.address, ports: ports, outputs: "{createTopics: false, recordVersion: \(version)}")
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        consumer.standardError = try folder.file("run.log")
        try consumer.run()
        return (consumer, ports)
    }

    @Test(.timeLimit(.minutes(5))) func itIsRefusedBeforeItWrites() throws {
        try count(0, 10)
        let (consumer, _) = try start(version: 2)
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        var counted = 10
        let isOver = try eventually(every: .milliseconds(300)) {
            try count(counted, counted + 1)
            counted += 1
            return !consumer.isRunning
        }
        let log = try folder.text("run.log")
        #expect(isOver && consumer.terminationStatus == 1)
        #expect(
            log.contains("a member that reads records up to version 1 is running (it owns cloudtrail[0], epoch 0.3)")
                && log.contains("told to write version 2") && log.contains("Set outputs.recordVersion to 1"), "\(log)")
        for topic in ["registers", "checkpoints", "windows", "alerts"] {
            let written = try broker.records("tidewatch." + topic)
            #expect(written.count == (topic == "registers" ? 4 * (counted - 9) : 0), "\(topic)")
        }
    }

    /// 0.1.0 was stopped: what it counted is taken over after a while.
    @Test(.timeLimit(.minutes(5))) func itComesInWhereTheOlderOneIsGone() throws {
        try count(0, 10)
        let (consumer, ports) = try start(version: 2)
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let isReady = try awaitMetric("tidewatch_ready_seconds", port: ports[1]) { $0 > 0 }
        let log = try folder.text("run.log")
        #expect(isReady && log.contains("an older release was the last to count"), "\(log)")
        consumer.terminate()
        consumer.awaitEnd()
        #expect(consumer.terminationStatus == 0)
    }
}
