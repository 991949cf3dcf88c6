import Foundation
import KafkaClient
import TestSupport

/// The whole run: what was sent, what was handed out, and the comparison of both.
final class Stress: Sendable {
    /// How many messages a producer may be ahead of what was taken.
    private static let aheadMax = 20_000

    let broker: EmbeddedBroker
    let partitions: Int
    let producers: Int
    private let isProducing = Guarded(true)
    private let sent: Guarded<[Int]>
    /// For each partition, the offsets that were handed out and acknowledged as done, in order of handing out.
    private let seen = Guarded<[Int32: [Int64]]>([:])
    private let numbers: Guarded<[Set<Int>]>
    private let problems = Guarded<[String]>([])

    init(producers: Int, partitions: Int) {
        do { broker = try EmbeddedBroker(brokers: 2, topics: ["t": partitions]) } catch { fatalError("\(error)") }
        self.partitions = partitions
        self.producers = producers
        sent = Guarded(Array(repeating: 0, count: producers))
        numbers = Guarded(Array(repeating: [], count: producers))
    }

    var settings: KafkaSettings {
        var settings = broker.settings
        settings.options = [
            "session.timeout.ms": "6000", "heartbeat.interval.ms": "300", "fetch.wait.max.ms": "20",
            "statistics.interval.ms": "100", "queued.min.messages": "2000",
        ]
        return settings
    }

    func report(_ problem: String) { problems.withLock { $0.append(problem) } }

    func take(_ partition: Int32, _ offsets: [Int64], _ values: [(producer: Int, number: Int)]) {
        seen.withLock { $0[partition, default: []] += offsets }
        numbers.withLock { numbers in
            for value in values where !numbers[value.producer].insert(value.number).inserted {
                report("producer \(value.producer)'s \(value.number) came twice")
            }
        }
    }

    func run(seconds: Double) throws -> Bool {
        let producing = DispatchGroup()
        let producer = try KafkaProducer(settings: settings)
        for index in 0..<producers { start(producing) { self.produce(index, with: producer) } }
        let resident = try StressMember(self)
        let end = Date(timeIntervalSinceNow: seconds)
        while Date() < end {
            let visitor = try StressMember(self)
            visitor.waitForAssignment(until: end)
            broker.pushErrors([.notLeader, .transport], on: .fetch)
            broker.pushErrors([.notLeader], on: .produce)
            visitor.stop()
        }
        isProducing.withLock { $0 = false }
        producing.wait()
        if producer.close(timeout: .seconds(20)) != .delivered { report("not everything was delivered") }
        let total = sent.withLock { $0.reduce(0, +) }
        _ = eventually(within: .seconds(20), every: .milliseconds(20)) {
            numbers.withLock { $0.reduce(0) { $0 + $1.count } } >= total
        }
        resident.stop()
        return compare(total: total, producer: producer)
    }

    private func produce(_ index: Int, with producer: KafkaProducer) {
        var number = 0
        while isProducing.withLock({ $0 }) {
            do {
                try producer.send(
                    topic: "t", partition: Int32((number + index) % partitions), key: nil,
                    value: Array("\(index) \(number)".utf8))
            } catch { return report("send: \(error)") }
            number += 1
            // Never further ahead than the mock's 5 MiB a partition allow, however slow consumers under ThreadSanitizer are.
            if number % 20 == 0 { letPass(.milliseconds(5)) }
            _ = eventually(every: .milliseconds(5), while: { isProducing.withLock { $0 } }) {
                number - numbers.withLock { $0[index].count } <= Stress.aheadMax
            }
        }
        sent.withLock { [number] in $0[index] = number }
    }

    private func compare(total: Int, producer: KafkaProducer) -> Bool {
        let counters = producer.counters
        if counters.delivered != total || counters.failed != 0 || counters.unexpectedReports != 0 {
            report("sent \(total), but the reports say \(counters)")
        }
        sent.withLock { sent in
            for (index, count) in sent.enumerated() {
                let lost = count - numbers.withLock { $0[index].count }
                if lost != 0 { report("\(lost) of producer \(index)'s \(count) are missing") }
            }
        }
        seen.withLock { seen in
            for (partition, offsets) in seen.sorted(by: { $0.key < $1.key }) {
                // The drain before a revocation makes the order hold over members too.
                for (before, after) in zip(offsets, offsets.dropFirst()) where after <= before {
                    report("partition \(partition): \(after) came after \(before)")
                }
            }
        }
        let problems = self.problems.withLock { $0 }
        for problem in problems.prefix(20) { print("stress: \(problem)") }
        print("stress: \(total) messages, \(problems.count) problems")
        return problems.isEmpty && total > 0
    }
}

func start(_ group: DispatchGroup, _ body: @escaping @Sendable () -> Void) {
    group.enter()
    Thread.detachNewThread {
        body()
        group.leave()
    }
}
