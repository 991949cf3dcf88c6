import Synchronization
import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct GroupMetadataTests {
    @Test
    func whatLibrdkafkaWritesIsReadBack() throws {
        for instance in [nil, "i-1"] {
            for generation in [Int32.min, -1, 0, 7, 0x1234_5678, .max] {
                var written = try #require(GroupMetadata(Array("CGMDv2:\0\0\0\0g\0m\0\u{1}".utf8)))
                #expect(written.instance == nil && written.generation == 0)
                written.group = "group å"
                written.member = "rdkafka-\(generation)"
                written.generation = generation
                written.instance = instance
                #expect(GroupMetadata(try written.rebuilt()) == written)
            }
        }
    }

    @Test
    func bytesOfAnotherFormAreRefused() throws {
        let good = Array("CGMDv2:\u{1}\0\0\0g\0m\0\0i\0".utf8)
        #expect(try GroupMetadata(good)?.rebuilt() == good)
        for count in 0..<good.count { #expect(GroupMetadata(Array(good.prefix(count))) == nil, "\(count)") }
        #expect(GroupMetadata(good + [0]) == nil)
        #expect(GroupMetadata(Array("CGMDv3:".utf8) + good.dropFirst(7)) == nil)
        var notText = good
        notText[11] = 0xFF
        #expect(GroupMetadata(notText) == nil)
    }

    /// The generation as each call of the delegate saw it.
    final class Watch: KafkaConsumerDelegate {
        let consumer = Mutex<KafkaConsumer?>(nil)
        let seen = Mutex<[Int32?]>([])

        private func look() {
            let generation = try? consumer.withLock { $0 }?.groupGeneration
            seen.withLock { $0.append(generation) }
        }
        func assigned(_ partitions: [TopicPartition]) -> [PartitionAssignment] {
            look()
            return []
        }
        func revoked(_ partitions: [ReleasedPartition]) { look() }
        func lost(_ partitions: [ReleasedPartition]) {}
    }

    @Test(.timeLimit(.minutes(5)))
    func theGenerationIsKnownWhilePartitionsAreAssignedAndGrows() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 2])
            let watch = Watch()
            var settings = broker.settings
            settings.options = Member.fast
            let consumer = try KafkaConsumer(settings: settings, options: .init(group: "g"), delegate: watch)
            watch.consumer.withLock { $0 = consumer }
            #expect(try consumer.groupGeneration == nil)
            try consumer.subscribe(to: ["t"])
            func poll(until done: () -> Bool) {
                let deadline = ContinuousClock.now + patience
                while !done(), ContinuousClock.now < deadline { _ = consumer.poll(timeout: .milliseconds(20)) }
            }
            poll { consumer.assignment.count == 2 }
            let first = try #require(try consumer.groupGeneration)
            #expect(watch.seen.withLock { $0 } == [first])
            // While the other one is a member, and after it left, the group has newer generations.
            let other = try Member(broker.settings, group: "g", topics: ["t"])
            poll { consumer.assignment.count == 1 && other.snapshot.assigned.count == 1 }
            let second = try #require(try other.consumer.groupGeneration)
            #expect(second > first)
            other.stop()
            poll { consumer.assignment.count == 2 }
            let third = try #require(try consumer.groupGeneration)
            #expect(third > second)
            #expect(watch.seen.withLock { $0.last } == third)
            try consumer.close()
            #expect(try consumer.groupGeneration == nil)
            watch.consumer.withLock { $0 = nil }
        }
    }
}
