import Foundation
import TestSupport
import Testing

@testable import KafkaClient

@Suite(.serialized)
struct BackPressureTests {
    @Test(.timeLimit(.minutes(5)))
    func pauseAndResumeLoseAndRepeatNothing() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 2])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(40_000, to: "t", partitions: 2, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .test)
            let worker = member.consumer.worker(0)
            var batches = 0
            let deadline = Date(timeIntervalSinceNow: patienceSeconds)
            while member.snapshot.taken.count < 40_000, Date() < deadline {
                _ = member.consumer.poll(timeout: .zero)
                let batch = worker.poll(max: 500, timeout: .milliseconds(20))
                if batch.count > 0 { batches += 1 }
                member.take(batch)
                if batches % 10 == 3 {
                    try worker.pause(member.consumer.assignment)
                    for _ in 0..<3 {
                        let paused = worker.poll(max: 500, timeout: .milliseconds(1))
                        #expect(paused.count == 0)
                    }
                    try worker.resume(member.consumer.assignment)
                    try worker.resume(member.consumer.assignment)
                    batches += 1
                }
            }
            for (partition, offsets) in member.snapshot.offsets {
                #expect(offsets == Array(0..<20_000), "\(partition)")
            }
            #expect(member.snapshot.taken.count == 40_000)
            try member.consumer.close()
        }
    }

    /// One partition is held back again and again, through a rebalance too, while another one on the same worker flows.
    @Test(.timeLimit(.minutes(5)))
    func aPartitionThatIsPausedAloneLosesAndRepeatsNothing() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 3])
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(60_000, to: "t", partitions: 3, with: producer)
            #expect(producer.flush(timeout: patience) == .delivered)
            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .test)
            let worker = member.consumer.worker(0)
            let held = TopicPartition(topic: "t", partition: 1)
            var turns = 0
            var isPaused = false
            func turn() throws {
                _ = member.consumer.poll(timeout: .zero)
                let batch = worker.poll(max: 100, timeout: .milliseconds(10))
                if isPaused { #expect(!batch.sources.contains(held)) }
                member.take(batch)
                guard member.consumer.assignment.contains(held) else { return isPaused = false }
                turns += 1
                if turns % 20 == 5, !isPaused {
                    try worker.pause([held])
                    isPaused = true
                } else if turns % 20 == 15, isPaused {
                    try worker.resume([held])
                    isPaused = false
                }
            }
            var deadline = Date(timeIntervalSinceNow: patienceSeconds)
            while member.snapshot.taken.count < 5_000, Date() < deadline { try turn() }
            // It reads nothing, and only makes the group rebalance.
            let other = try Member(broker.settings, group: "g", topics: ["t"], commitsOnRevoke: false, start: .end)
            deadline = Date(timeIntervalSinceNow: patienceSeconds)
            while other.snapshot.assigned.isEmpty, Date() < deadline { try turn() }
            let lent = other.snapshot.assigned
            other.stop()
            deadline = Date(timeIntervalSinceNow: patienceSeconds)
            let expected = 60_000
            // With what was lent back: a commit at the end would else wait for the group's next generation, which nobody joins any more.
            while Date() < deadline,
                member.snapshot.assigned.count < 3
                    || Set(member.snapshot.taken.map { [Int64($0.partition.partition), $0.offset] }).count < expected
            {
                for _ in 0..<50 { try turn() }
            }
            // What the group took away without a commit, as from a member that is late, it gives again from where it was.
            let troubles = member.snapshot.troubles
            for (partition, offsets) in member.snapshot.offsets {
                let once = troubles.isEmpty ? offsets : Set(offsets).sorted()
                #expect(once == Array(0..<20_000), "\(partition), lent: \(lent), \(troubles)")
            }
            try member.consumer.close()
        }
    }

    /// With librdkafka's prefetch queue full the next fetch may come a second late. Default sizes keep it from filling, so
    /// a consumer that is slower than the broker must never see an empty queue for long while there is a backlog.
    @Test(.timeLimit(.minutes(5)))
    func aSlowConsumerIsNeverKeptWaiting() async throws {
        try await onOwnThread {
            let broker = try EmbeddedBroker(topics: ["t": 4])
            var settings = broker.settings
            settings.options["compression.codec"] = "none"
            let producer = try KafkaProducer(settings: settings)
            // 4 partitions × 4 MB stay below the 5 MiB that the mock keeps of each.
            try produce(16_000, to: "t", partitions: 4, with: producer, size: 1_000)
            #expect(producer.flush(timeout: patience) == .delivered)
            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .test)
            let worker = member.consumer.worker(0)
            let clock = ContinuousClock()
            var taken = 0
            var longest = Duration.zero
            var asked = clock.now
            let deadline = clock.now + patience
            while taken < 16_000, clock.now < deadline {
                _ = member.consumer.poll(timeout: .zero)
                let batch = worker.poll(max: 100, timeout: .milliseconds(100))
                if batch.count > 0 {
                    if taken > 0 { longest = max(longest, asked.duration(to: clock.now)) }
                    taken += batch.count
                    // The slow consumer: 20 ms of work for each batch, 5,000 messages a second at the most.
                    let until = clock.now + .milliseconds(20)
                    while clock.now < until { _ = member.consumer.poll(timeout: .milliseconds(1)) }
                    asked = clock.now
                }
            }
            #expect(taken == 16_000)
            #expect(longest < .milliseconds(700), "the longest wait with a backlog was \(longest)")
            try member.consumer.close()
        }
    }

    /// A consumer that takes next to nothing for some seconds, until its prefetch queue is full, and then 100 MB a second,
    /// which is more than a worker counts. The second that librdkafka may let pass before it looks again is bridged by the
    /// queue; who emptied that in less would have to wait.
    @Test(.timeLimit(.minutes(5)))
    func aConsumerWhoseQueueWasFullIsNotKeptWaiting() async throws {
        try await onOwnThread {
            let partitions: Int32 = 8
            let count = 240_000
            let broker = try EmbeddedBroker(topics: ["t": Int(partitions)])
            // 240 MB, more than the queue's 128 MiB; compressed they are far below the 5 MiB that the mock keeps of each.
            let producer = try KafkaProducer(settings: broker.settings)
            try produce(count, to: "t", partitions: partitions, with: producer, size: 1_000)
            #expect(producer.flush(timeout: patience) == .delivered)
            let member = try Member(broker.settings, group: "g", topics: ["t"], driver: .test)
            let worker = member.consumer.worker(0)
            let clock = ContinuousClock()
            let deadline = clock.now + patience
            var taken = 0
            func take(max: Int) -> Int {
                _ = member.consumer.poll(timeout: .zero)
                let count = worker.poll(max: max, timeout: .milliseconds(100)).count
                taken += count
                return count
            }
            while taken == 0, clock.now < deadline { _ = take(max: 1) }
            // 20 messages a second.
            let slowUntil = clock.now + .seconds(5)
            while clock.now < slowUntil {
                _ = take(max: 1)
                let until = clock.now + .milliseconds(50)
                while clock.now < until { _ = member.consumer.poll(timeout: .milliseconds(10)) }
            }
            let slow = taken
            let began = clock.now
            var last = began
            var longest = Duration.zero
            while taken < count, clock.now < deadline {
                guard take(max: 1_000) > 0 else { continue }
                longest = max(longest, last.duration(to: clock.now))
                let due = began + .microseconds((taken - slow) * 10)
                while clock.now < due { _ = member.consumer.poll(timeout: .milliseconds(1)) }
                last = clock.now
            }
            print("\(slow) messages while slow, the others in \(began.duration(to: last)), longest wait \(longest)")
            #expect(taken == count && slow < count / 100)
            #expect(longest < .milliseconds(500), "the longest wait with a backlog was \(longest)")
            try member.consumer.close()
        }
    }
}
