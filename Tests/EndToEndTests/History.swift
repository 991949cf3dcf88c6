import Foundation
import KafkaClient
import Statistics
import TestSupport
import Testing

/// Two and a half hours of an account's calls and of a load balancer's metrics, by partition, in the order in which they lie there: with
/// outages, bursts and quiet times, and with records that come up to twenty minutes after newer ones.
struct History {
    struct Partition {
        let topic: String
        let number: Int32
        let messages: [String]
    }

    static let topics =
        ["calls:3", "metrics:2"]
        + ["windows", "alerts", "audit", "deadletter", "registers", "checkpoints", "notifications"].map {
            "tidewatch.\($0):2"
        }

    private static let begin = 1_772_445_600.0
    private static let minutes = 150
    /// Some come when their slices were judged for good.
    private static let disorderSecondsMax = 1200.0
    /// Of CloudTrail, which is the longest.
    private static let allowedLateness = 900.0

    let partitions: [Partition]
    /// Event time until which every partition has what it takes to judge, in seconds.
    let judgedThrough: Double

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var outages: [ClosedRange<Int>] = []
        for start in stride(from: 20, to: 130, by: 35) {
            let first = start + random.below(10)
            outages.append(first...first + 4 + random.below(10))
        }
        var newest: [Double] = []
        var partitions: [Partition] = []
        for (topic, count) in [("calls", 3), ("metrics", 2)] {
            for number in 0..<count {
                var records: [(time: Double, place: Double, text: String)] = []
                for minute in 0..<Self.minutes {
                    let isOut = outages.contains { $0.contains(minute) }
                    for index in 0..<(topic == "calls" ? 4 + random.below(12) : 2) {
                        let time = Self.begin + Double(minute * 60 + random.below(60))
                        let id = "\(topic)-\(number)-\(minute)-\(index)"
                        let text =
                            topic == "calls"
                            ? Self.call(at: time, id, fails: random.chance(isOut ? 0.6 : 0.004))
                            : Self.metrics(at: Self.begin + Double(minute * 60), requests: 50 + random.below(50), isOut)
                        let delay = random.chance(0.2) ? Double(random.below(Int(Self.disorderSecondsMax))) : 0
                        records.append((topic == "calls" ? time : Self.begin + Double(minute * 60), time + delay, text))
                    }
                }
                records.sort { $0.place < $1.place }
                newest.append(records.map(\.time).max() ?? 0)
                partitions.append(Partition(topic: topic, number: Int32(number), messages: records.map(\.text)))
            }
        }
        self.partitions = partitions
        judgedThrough = ((newest.min() ?? 0) / 60).rounded(.down) * 60 - Self.allowedLateness - 60
    }

    private static func call(at time: Double, _ id: String, fails: Bool) -> String {
        let stamp = Date(timeIntervalSince1970: time).ISO8601Format()
        let failure = fails ? #","errorCode":"AccessDenied""# : ""
        return #"{"eventTime":"\#(stamp)","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"\#(id)""#
            + #","recipientAccountId":"111122223333"\#(failure)}"#
    }

    /// Requests of a minute, and those of them that failed, as two series have them.
    private static func metrics(at time: Double, requests: Int, _ isOut: Bool) -> String {
        [("Requests", requests), ("Errors", isOut ? requests / 2 : 0)].map { name, sum in
            #"{"metric_stream_name":"s","account_id":"111122223333","region":"us-east-1","namespace":"App","#
                + #""metric_name":"\#(name)","dimensions":{},"timestamp":\#(Int(time) * 1000),"#
                + #""value":{"max":\#(sum),"min":\#(sum),"sum":\#(sum),"count":1},"unit":"Count"}"#
        }.joined(separator: "\n")
    }

    /// Fills the topics.
    func send(to broker: Broker) throws {
        let producer = try KafkaProducer(settings: broker.settings)
        for partition in partitions {
            for message in partition.messages {
                try producer.send(
                    topic: partition.topic, partition: partition.number, key: nil, value: Array(message.utf8))
            }
        }
        #expect(producer.close(timeout: patience) == .delivered)
    }

    static let resources = """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: calls}
        spec:
          service: account
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Occurrences
          objectives: [{target: 0.99}]
          indicator: {metadata: {name: calls}, spec: {ratioMetric: {
            bad: {metricSource: {type: CloudTrail, spec: {filter: has(event.errorCode)}}},
            total: {metricSource: {type: CloudTrail}}}}}
        ---
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: requests}
        spec:
          service: app
          timeWindow: [{duration: 30d, isRolling: true}]
          budgetingMethod: Timeslices
          objectives: [{target: 0.95, timeSliceTarget: 0.9, timeSliceWindow: 1m}]
          indicator: {metadata: {name: requests}, spec: {ratioMetric: {
            bad: {metricSource: {type: Metric, spec: {namespace: App, metricName: Errors}}},
            total: {metricSource: {type: Metric, spec: {namespace: App, metricName: Requests}}}}}}
        ---
        apiVersion: tidewatch/v1
        kind: Rollup
        metadata: {name: failures}
        spec:
          source: CloudTrail
          window: 1m
          measures:
            - {name: failed, count: true, filter: has(event.errorCode)}
        ---
        apiVersion: tidewatch/v1
        kind: AnomalyMonitor
        metadata: {name: failures}
        spec:
          rollup: failures
          value: failed
          method: {ewma: {alpha: 0.2, threshold: 6, warmup: 10}}
          alert: {severity: warning, direction: up, summary: '{failed} calls failed'}

        """
}
