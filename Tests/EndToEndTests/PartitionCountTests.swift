import Foundation
import KafkaClient
import TestSupport
import Testing

/// Each topic that is read back was written with so many partitions: with another number nothing may start.
@Suite struct PartitionCountTests {
    private static let topics = ["registers", "checkpoints", "windows", "alerts", "notifications"]

    @Test(.timeLimit(.minutes(5)), arguments: topics) func anotherNumberIsRefused(_ topic: String) throws {
        let folder = try TemporaryFolder()
        let name = "tidewatch." + topic
        let was = try #require(Broker.allTopics.first { $0.hasPrefix(name + ":") }?.split(separator: ":").last)
        let broker = try Broker(topics: Broker.allTopics.map { $0.hasPrefix(name + ":") ? name + ":5" : $0 })
        for shard in 0..<Int32(4) {
            try broker.send(
                key: "evaluator/\(shard)/9",
                Data(
                    #"""
                    {"kind":"evaluator","shard":\#(shard),"shards":4,"epoch":9,"next":0,"sources":[],\#
                    "partitions":{"checkpoints":4,"windows":2,"alerts":2},"version":1}
                    """#.utf8), to: "tidewatch.checkpoints", partition: shard)
        }
        // Of the log of notifications the sink's group says it, beside what it has committed.
        let group = try KafkaConsumer(
            settings: broker.settings, options: .init(group: "end-to-end-pagerduty"), delegate: NoPartitions())
        let position = PartitionOffset(TopicPartition(topic: "tidewatch.alerts", partition: 0), offset: 0)
        try group.commit([OffsetAndMetadata(position, metadata: "notifications=2")], timeout: patience)

        let settings = try folder.writeSettings(
            broker: broker.address, ports: try freePorts(2),
            """
            pagerDuty:
              routingKey: "\(String(repeating: "0", count: 32))"
              endpoint: http://127.0.0.1:9
            """)
        let refused = try Tidewatch.run(["run", "--config", settings], in: folder)
        #expect(refused.status == 1)
        #expect(refused.error.contains("the topic \(name) had \(was) partitions and has 5"), "\(refused.error)")
    }
}
