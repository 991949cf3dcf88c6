import Foundation
import KafkaClient
import Objectives
import Planning
import Records
import Runtime
import Settings
import TelemetryModel
import TestObjectives
import TestSupport

@testable import Consumer

/// An embedded broker with a topic of CloudTrail records in two partitions, and what was sent into it.
///
/// All records lie within half an hour that is over, so that whatever is counted is judged as soon as the partitions are idle.
final class CallsCluster {
    static let input = "cloudtrail"
    static let partitions: Int32 = 2
    static let minutes: Int64 = 30
    static let topics = OutputTopics(prefix: "tidewatch.")

    let broker: EmbeddedBroker
    let producer: KafkaProducer
    let start = Timestamp(nanoseconds: Timestamp.now().nanoseconds / hour * hour - 2 * hour)
    private(set) var sent = 0
    private(set) var failed = 0

    /// - Parameter observer: told of the producer's connections.
    init(observer: KafkaObserver = KafkaObserver()) throws {
        var topics = [Self.input: Int(Self.partitions)]
        for name in Self.topics.names { topics[name] = 1 }
        topics[Self.topics.registers] = 2
        broker = try EmbeddedBroker(topics: topics)
        producer = try KafkaProducer(settings: broker.settings, observer: observer)
    }

    /// The event time by which everything is over.
    var end: Timestamp { start.advanced(by: Self.minutes * minute) }

    /// Sends calls, spread over the half hour and the partitions; every `failing`th has an error.
    func send(calls: Int, failing: Int) throws {
        try send(
            at: (sent..<sent + calls).map { start.advanced(by: Int64($0 % Int(Self.minutes)) * minute) },
            failing: failing)
    }

    /// Sends a call of each of these times; every `failing`th has an error.
    func send(at times: [Timestamp], failing: Int) throws {
        for (number, time) in zip(sent..., times) {
            let isFailed = number % failing == 0
            if isFailed { failed += 1 }
            let text =
                #"{"eventTime":"\#(time)","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","#
                + #""eventID":"call-\#(number)""# + (isFailed ? #","errorCode":"AccessDenied"}"# : "}")
            try producer.send(
                topic: Self.input, partition: Int32(number / Int(Self.minutes)) % Self.partitions, key: nil,
                value: Array(text.utf8))
        }
        sent += times.count
        try flush()
    }

    /// Sends a record as it is.
    func send(_ text: String, key: String?, to topic: String, partition: Int32 = 0) throws {
        try producer.send(topic: topic, partition: partition, key: key.map { Array($0.utf8) }, value: Array(text.utf8))
        try flush()
    }

    private struct Undelivered: Error {}

    private func flush() throws {
        if producer.flush(timeout: patience) != .delivered { throw Undelivered() }
    }

    // MARK: What runs over it

    var settings: RunSettings {
        var kafka = Settings.KafkaSettings(bootstrapServers: broker.bootstrapServers)
        kafka.groupID = "calls"
        kafka.options = [
            ("session.timeout.ms", "6000"), ("fetch.wait.max.ms", "20"), ("heartbeat.interval.ms", "300"),
            ("statistics.interval.ms", "200"),
        ].map { KafkaOption(name: $0.0, value: Secret($0.1)) }
        var input = InputSettings(topic: Self.input)
        input.format = .cloudTrail
        var settings = RunSettings(name: "calls", kafka: kafka, inputs: [input])
        settings.flushIntervalNanoseconds = 100_000_000
        settings.aggregation.allowedLatenessNanoseconds = minute
        settings.aggregation.idleTimeoutNanoseconds = 500_000_000
        settings.workers.count = 2
        settings.outputs.mac = mac
        return settings
    }

    /// Starts a consumer of the calls.
    ///
    /// - Parameter form: in which its settings want records; `nil` where they don't say.
    func run(
        _ roles: Set<PipelineRole> = Set(PipelineRole.allCases), skips: [TopicPlace] = [], settings: RunSettings? = nil,
        form: RecordForm? = .first, chainCheckInterval: Duration? = nil, clock: TrustedClock? = nil
    ) throws -> RunningPipeline {
        var settings = settings ?? self.settings
        settings.outputs.recordForm = form
        var configuration = ConsumerPipeline.Configuration(
            settings: settings, plan: try Self.plan(form ?? .first), roles: roles, skips: skips)
        if let chainCheckInterval { configuration.chainCheckInterval = chainCheckInterval }
        if let clock { configuration.clock = { _ in clock } }
        return RunningPipeline(configuration, closing: end)
    }

    private static func plan(_ form: RecordForm) throws -> PipelinePlan {
        try CallsObjective.plan(
            counting: "good", where: "!has(event.errorCode)", outputs: Set(OutputKind.allCases), form: form)
    }

    /// How records of our own are authenticated by what is run from now on.
    var mac: MACSettings?

    func feed(skips: [TopicPlace] = []) -> FeedReader {
        FeedReader(
            kafka: settings.kafka.clientSettings, topics: Self.topics,
            skips: SkippedRecords(skips, authentication: settings.outputs.authentication))
    }

    // MARK: What was published

    /// Calls that were counted, and those of them that were good.
    struct Counted: Equatable, CustomStringConvertible {
        var total: Int
        var good: Int

        var description: String { "\(good) of \(total)" }
    }

    /// What is to be counted.
    var expected: Counted { Counted(total: sent, good: sent - failed) }

    /// What the windows say.
    func counted(skips: [TopicPlace] = []) throws -> Counted {
        guard let entry = SLOReport(ledgers: try feed(skips: skips).windows().ledgers).entries.first else {
            return Counted(total: 0, good: 0)
        }
        return Counted(total: Int(entry.total), good: Int(entry.good))
    }

    /// Whether the windows come to say what was sent.
    func isCounted(while pipelines: RunningPipeline..., skips: [TopicPlace] = []) throws -> Bool {
        try eventually(while: { pipelines.allSatisfy(\.isRunning) }) { try counted(skips: skips) == expected }
    }

    /// How many records a topic holds.
    func records(in topic: String) throws -> Int {
        let reader = try KafkaTopicReader(settings: broker.settings, topics: [topic], timeout: patience)
        var count = 0
        while !reader.isAtEnd { try reader.poll(timeout: .milliseconds(50)) { _, _ in count += 1 } }
        return count
    }
}
