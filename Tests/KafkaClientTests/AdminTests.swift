import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct AdminTests {
    @Test(.timeLimit(.minutes(5)))
    func describingListsTopicsAndCreatesNone() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(brokers: 2, topics: ["b": 2, "a": 1])
            let admin = try KafkaAdmin(settings: broker.settings)
            let all = try admin.describe(timeout: .seconds(10))
            #expect(all.map(\.name) == ["a", "b"])
            #expect(all[1].partitions.map(\.partition) == [0, 1])
            let partitions = all[1].partitions
            #expect(partitions.allSatisfy { $0.leader != nil }, "\(partitions)")
            #expect(try admin.describe(["a", "absent"], timeout: .seconds(10)).map(\.name) == ["a"])
            #expect(try admin.describe(timeout: .seconds(10)).count == 2)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aBrokerWithoutAdminRequestsGivesAClearError() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["a": 1])
            let admin = try KafkaAdmin(settings: broker.settings)
            let present = try admin.createMissing([TopicSpecification(name: "a", partitions: 1)], timeout: .seconds(10))
            #expect(present.isEmpty)
            let clock = ContinuousClock()
            let begun = clock.now
            #expect {
                _ = try admin.createMissing(
                    [TopicSpecification(name: "new", partitions: 2, configuration: ["cleanup.policy": "compact"])],
                    timeout: .seconds(30))
            } throws: {
                ($0 as? KafkaError)?.code == .unsupportedFeature && "\($0)".contains("create topics new failed")
                    && "\($0)".contains("create the topics by hand")
            }
            #expect(begun.duration(to: clock.now) < .seconds(5))
        }
    }

    @Test
    func aTopicThatCannotBeIsRefusedBeforeItIsAskedFor() {
        #expect {
            _ = try TopicSpecification(name: "", partitions: 1).makeRequest()
        } throws: {
            "\($0)".contains("create topic")
        }
        #expect {
            _ = try TopicSpecification(name: "t", partitions: 0).makeRequest()
        } throws: {
            ($0 as? KafkaError)?.code == .invalidArgument
        }
    }

    @Test
    func statisticsAreReadFromLibrdkafkasText() {
        let json = """
            {"msg_cnt":3,"msg_size":70,"replyq":1,"txmsgs":9,"rxmsgs":8,"tx_bytes":7,"rx_bytes":6,"brokers":{"b/1":{"name":"b/1",
            "state":"UP","waitresp_cnt":2,"txerrs":1,"req_timeouts":4,"txretries":5,"rtt":{"avg":321}}},"topics":{"t":{"topic":"t",
            "partitions":{"-1":{"partition":-1},"1":{"partition":1,"fetchq_cnt":5,"fetchq_size":50,"hi_offset":40,
            "committed_offset":-1001,"consumer_lag":-1},"0":{"partition":0,"hi_offset":10,"committed_offset":4,"consumer_lag":6}}}},
            "cgrp":{"rebalance_cnt":2}}
            """
        let statistics = KafkaStatistics(json: Array(json.utf8))
        #expect(statistics?.queuedMessages == 3)
        #expect(statistics?.brokers.first?.state == "UP")
        #expect(statistics?.partitions.map(\.partition.partition) == [0, 1])
        #expect(statistics?.partitions.map(\.lag) == [6, nil])
        #expect(statistics?.partitions.map(\.highWatermark) == [10, 40])
        #expect(statistics?.rebalances == 2)
        #expect(KafkaStatistics(json: Array("[]".utf8)) == nil)
    }
}
