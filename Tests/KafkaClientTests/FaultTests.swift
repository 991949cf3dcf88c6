import Foundation
import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct FaultTests {
    @Test(.timeLimit(.minutes(5)))
    func produceErrorsAreRetriedAndEachMessageCountedOnce() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(10, to: "t", partitions: 1, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            broker.pushErrors(
                [
                    KafkaError.Code(rawValue: 7), .notLeader, .transport, KafkaError.Code(rawValue: 19),
                ], on: .produce)
            try produce(2_000, to: "t", partitions: 1, with: producer, from: 10)
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(producer.counters.delivered == 2_010)
            #expect(producer.counters.failed == 0)
            #expect(producer.counters.unexpectedReports == 0)
            let member = try Member(broker.settings, group: "g", topics: ["t"])
            #expect(member.wait { $0.ends.count == 1 })
            #expect(member.snapshot.taken.compactMap { number($0.value) } == Array(0..<2_010))
            member.stop()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aMessageThatCannotBeDeliveredIsReportedWithItsSequence() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            var settings = broker.settings
            settings.options["message.timeout.ms"] = "4000"
            let producer = try KafkaProducer(settings: settings)
            try produce(5, to: "t", partitions: 1, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            try broker.takeDown()
            try produce(3, to: "t", partitions: 1, with: producer, from: 5)
            #expect(producer.waitForDelivery(through: 8, timeout: .milliseconds(100)) == .pending(resolvedThrough: 5))
            guard case .failed(let failures) = producer.flush(timeout: patience) else {
                Issue.record("the messages did not fail")
                return
            }
            #expect(failures.map(\.sequence) == [6, 7, 8])
            #expect(failures.allSatisfy { $0.error.code == .messageTimedOut })
            #expect(failures.first?.error.partition == TopicPartition(topic: "t", partition: 0))
            // Whoever else waits is told as well.
            #expect(producer.flush(timeout: .zero) == .failed(failures))
            #expect(producer.counters.failed == 3)
            #expect(producer.resolvedThrough == 8)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aMessageAboveTheLimitIsRefusedAndCounted() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let producer = try KafkaProducer(settings: broker.settings)
            #expect {
                try producer.send(topic: "t", partition: 0, key: nil, value: [UInt8](repeating: 0, count: 2_000_000))
            } throws: { error in
                let text = "\(error)"
                return (error as? KafkaError)?.code == .messageTooLarge && text.contains("t[0]")
            }
            #expect(producer.counters.failed == 1)
            #expect(producer.resolvedThrough == 1)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aFullLocalQueueBlocksTheSenderUntilThereIsRoom() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            var settings = broker.settings
            settings.options["queue.buffering.max.messages"] = "100"
            let producer = try KafkaProducer(settings: settings)
            try produce(2_000, to: "t", partitions: 1, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(producer.counters.delivered == 2_000)
            #expect(producer.counters.queueFullWaits > 0)
            try broker.takeDown()
            for number in 0..<100 { try produce(1, to: "t", partitions: 1, with: producer, from: number) }
            #expect {
                try producer.send(
                    topic: "t", partition: 0, key: nil, value: [0x31], limits: .init(timeout: .milliseconds(200)))
            } throws: {
                ($0 as? KafkaError)?.code == .queueFull
            }
            guard case .failed(let failures) = producer.close(timeout: .zero) else {
                Issue.record("what was given up is not reported")
                return
            }
            #expect(failures.count == 101)
            #expect(producer.counters.sent == 2_101)
            #expect(producer.counters.delivered + producer.counters.failed == 2_101)
        }
    }

    /// Where the port is given to somebody else meanwhile, librdkafka ends the process.
    @Test func thePortOfABrokerThatIsDownIsGivenToNobodyElse() throws {
        let broker = try EmbeddedBroker(brokers: 2)
        let ports = try broker.bootstrapServers.map { try #require(Int($0.split(separator: ":")[1])) }
        for down in [Int32?.none, 2] {
            try broker.takeDown(broker: down)
            for port in down == nil ? ports : [ports[1]] {
                #expect(throws: POSIXError(.EADDRINUSE)) { try LocalSocket.listening(on: port) }
                #expect(LocalSocket.connected(to: port) == nil)
            }
            try broker.bringUp(broker: down)
            for port in ports { try #require(LocalSocket.connected(to: port)).close() }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func fetchErrorsAndABrokerThatGoesAndComesLoseNothing() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(brokers: 2, topics: ["t": 2])
            var settings = broker.settings
            settings.options["reconnect.backoff.max.ms"] = "500"
            let producer = try KafkaProducer(settings: settings)
            let member = try Member(settings, group: "g", topics: ["t"])
            try produce(1_000, to: "t", partitions: 2, with: producer)
            #expect(member.wait { $0.taken.count >= 200 })
            broker.pushErrors([.notLeader, .transport, .fail, KafkaError.Code(rawValue: 56)], on: .fetch)
            try produce(1_000, to: "t", partitions: 2, with: producer, from: 1_000)
            #expect(member.wait { $0.taken.count == 2_000 })
            try broker.takeDown()
            try produce(1_000, to: "t", partitions: 2, with: producer, from: 2_000)
            #expect(producer.flush(timeout: .milliseconds(300)) != .delivered)
            try broker.bringUp()
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(member.wait { $0.taken.count >= 3_000 })
            for (partition, offsets) in member.snapshot.offsets {
                #expect(offsets == Array(0..<1_500), "\(partition)")
            }
            let numbers = member.snapshot.taken.compactMap { number($0.value) }.sorted()
            #expect(numbers == Array(0..<3_000))
            member.stop()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aLeaderThatMovesAndSlowRoundTripsLoseNothing() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(brokers: 2)
            try broker.createTopic("t", partitions: 1, replicationFactor: 2)
            let partition = TopicPartition(topic: "t", partition: 0)
            try broker.setLeader(of: partition, to: 1)
            let producer = try KafkaProducer(settings: broker.settings)
            let member = try Member(broker.settings, group: "g", topics: ["t"])
            try produce(500, to: "t", partitions: 1, with: producer)
            #expect(member.wait { $0.taken.count == 500 })
            try broker.setLeader(of: partition, to: 2)
            try broker.setRoundTrip(.milliseconds(200))
            try produce(500, to: "t", partitions: 1, with: producer, from: 500)
            #expect(producer.flush(timeout: patience) == .delivered)
            #expect(member.wait { $0.taken.count >= 1_000 })
            try broker.setRoundTrip(.zero)
            #expect(member.snapshot.taken.compactMap { number($0.value) } == Array(0..<1_000))
            member.stop()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func aPositionThatRetentionTookIsReportedAndReadingRestartsWhereAsked() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 1])
            let partition = TopicPartition(topic: "t", partition: 0)
            var settings = broker.settings
            settings.options["compression.codec"] = "none"
            settings.options["batch.size"] = "100000"
            let producer = try KafkaProducer(settings: settings)
            // 9 MB, of which the mock keeps 5 MiB.
            try produce(9_000, to: "t", partitions: 1, with: producer, size: 1_000)
            #expect(producer.flush(timeout: patience) == .delivered)
            let member = try Member(broker.settings, group: "g", topics: ["t"], start: .offset(0), driver: .test)
            let worker = member.consumer.worker(0)
            var lost: KafkaError?
            let deadline = Date(timeIntervalSinceNow: patienceSeconds)
            var restartedAt: Int64 = -1
            while member.snapshot.taken.last?.offset != 8_999, Date() < deadline {
                _ = member.consumer.poll(timeout: .zero)
                let batch = worker.poll(timeout: .milliseconds(20))
                for event in batch.events {
                    guard case .positionLost(partition, let error) = event else { continue }
                    #expect(lost == nil)
                    lost = error
                    restartedAt = try member.consumer.queryWatermarks(partition, timeout: patience).low
                    try member.consumer.restart(
                        [PartitionOffset(partition, offset: restartedAt)], timeout: patience)
                }
                member.take(batch)
            }
            #expect(lost?.code == .offsetReset)
            #expect(restartedAt > 0)
            #expect(member.snapshot.taken.map(\.offset) == Array(restartedAt..<9_000))
            try member.consumer.close()
        }
    }
}
