/// The inputs of the recordings, and what comes after them: one estate, minute by minute, with two outages and two port
/// scans, and the numbers that follow from it.
///
/// A minute always gives the same bytes. The first ``recordedMinutes`` are in the recordings; the second outage and the
/// second scan are under way where these end.
public enum OutageTrace {
    public struct Message: Sendable {
        public let topic: String
        public let partition: Int32
        public let milliseconds: Int64
        public let value: String
    }

    /// What the rest of the system must count, by objective.
    public struct Counts: Sendable, Equatable {
        public var good: Int64 = 0
        public var total: Int64 = 0

        public init(good: Int64 = 0, total: Int64 = 0) {
            self.good = good
            self.total = total
        }

        public static func + (left: Counts, right: Counts) -> Counts {
            Counts(good: left.good + right.good, total: left.total + right.total)
        }
    }

    public static let recordedMinutes = 180
    public static let minutes = 330
    /// The last minutes are not judged before their lateness is over.
    public static func judgedMinutes(of minutes: Int) -> Int { minutes - 2 }
    /// 2026-01-15T09:00:00Z.
    public static let startSeconds: Int64 = 1_768_467_600
    /// Objectives whose sums are no whole numbers.
    public static let fractional = "volume-served"

    private static let outages = [40..<60, 160..<185]
    private static let scans = [70..<73, 176..<182]

    private static func isOutage(_ minute: Int) -> Bool { outages.contains { $0.contains(minute) } }
    private static func seconds(_ minute: Int) -> Int64 { startSeconds + Int64(minute) * 60 }

    public static func messages(minute: Int) -> [Message] {
        let milliseconds = seconds(minute) * 1000
        return (0..<2).flatMap { partition in
            [
                ("cloudtrail", callsMessage(calls(minute).filter { $0.partition == partition })),
                ("vpc-flow", flows(minute).filter { $0.partition == partition }.map(\.line).joined(separator: "\n")),
                ("metrics", metrics(minute, partition).joined(separator: "\n")),
            ].map { Message(topic: $0, partition: Int32(partition), milliseconds: milliseconds, value: $1) }
        }
    }

    /// Calls dated in an early minute that are only delivered now.
    public static func lateCalls(of minute: Int) -> Message {
        Message(
            topic: "cloudtrail", partition: 1, milliseconds: seconds(recordedMinutes) * 1000,
            value: callsMessage(calls(minute, idPrefix: "late-").filter { $0.partition == 1 }))
    }

    public static func lateCounts(of minute: Int) -> Counts {
        let calls = calls(minute).filter { $0.partition == 1 }
        return Counts(good: Int64(calls.count { $0.isGood }), total: Int64(calls.count))
    }

    public static func counts(_ minutes: Range<Int>) -> [String: Counts] {
        var counts: [String: Counts] = [:]
        for minute in minutes {
            func add(_ name: String, good: Int, total: Int) {
                counts[name, default: Counts()].good += Int64(good)
                counts[name, default: Counts()].total += Int64(total)
            }
            let calls = calls(minute)
            add("api-success", good: calls.count { $0.isGood }, total: calls.count)
            add("checkout-latency", good: isOutage(minute) ? 0 : 1, total: 1)
            for flow in flows(minute) {
                if flow.port == 443 { add("ingress-accepted", good: flow.isAccepted ? 1 : 0, total: 1) }
                add("accepted-bytes", good: flow.isAccepted ? flow.bytes : 0, total: flow.bytes)
            }
            // A minute's sum is rounded once, however many parts it has.
            let sums = (0..<2).map { thousandths(minute, $0) }
            add(
                fractional, good: (sums.map(\.served).reduce(0, +) + 500) / 1000,
                total: (sums.map(\.asked).reduce(0, +) + 500) / 1000)
        }
        return counts
    }

    // MARK: Calls

    private struct Call {
        let partition: Int
        let isGood: Bool
        let json: String
    }

    private static func callsMessage(_ calls: [Call]) -> String {
        "{\"Records\":[" + calls.map(\.json).joined(separator: ",") + "]}"
    }

    private static func calls(_ minute: Int, idPrefix: String = "") -> [Call] {
        (0..<6).map { index in
            let isGood = isOutage(minute) ? index == 0 : !(minute % 30 == 7 && index == 3)
            let time = text(seconds(minute) + Int64(index * 9 + 1))
            let service = index % 3 == 0 ? "ec2" : "s3"
            let failure = isGood ? "" : #""errorCode":"InternalFailure","#
            return Call(
                partition: index % 2, isGood: isGood,
                json: #"{"eventVersion":"1.09","userIdentity":{"type":"IAMUser","#
                    + #""arn":"arn:aws:iam::111122223333:user/u\#((minute + index) % 7)","accountId":"111122223333"},"#
                    + #""eventTime":"\#(time)","eventSource":"\#(service).amazonaws.com","#
                    + #""eventName":"Get","awsRegion":"eu-central-1","#
                    + #""eventID":"\#(idPrefix)\#(minute)-\#(index)",\#(failure)"readOnly":true,"#
                    + #""eventType":"AwsApiCall","recipientAccountId":"111122223333"}"#)
        }
    }

    // MARK: Flows

    private struct Flow {
        let partition: Int
        let port: Int
        let bytes: Int
        let isAccepted: Bool
        let line: String
    }

    private static func flows(_ minute: Int) -> [Flow] {
        // Ports that are usual change a little, which gives the baseline its spread.
        var ports = [443, 443, 443, 8443, 9443]
        if minute % 2 == 1 { ports += [5432, 6379] }
        var flows = ports.enumerated().map { index, port in
            flow(minute, index, port: port, isAccepted: !isOutage(minute) || index == 0)
        }
        for scan in scans where scan.contains(minute) {
            for index in 0..<(12 << (minute - scan.lowerBound)) {
                flows.append(flow(minute, index, port: 10_000 + index, isAccepted: false))
            }
        }
        return flows
    }

    private static func flow(_ minute: Int, _ index: Int, port: Int, isAccepted: Bool) -> Flow {
        let bytes = port >= 10_000 ? 40 : 1_000 + 37 * ((minute * 7 + index * 13) % 50)
        let start = seconds(minute) + Int64(index % 50)
        let interface = port == 443 && index == 2 ? "eni-b" : "eni-a"
        return Flow(
            partition: index % 2, port: port, bytes: bytes, isAccepted: isAccepted,
            line: "2 111122223333 \(interface) 10.0.0.5 10.0.1.9 40000 \(port) 6 10 \(bytes) \(start) \(start + 5) "
                + "\(isAccepted ? "ACCEPT" : "REJECT") OK")
    }

    // MARK: Metrics

    private static func thousandths(_ minute: Int, _ partition: Int) -> (served: Int, asked: Int) {
        let asked = 20_213 + 13 * (minute % 17) + 407 * partition
        return (asked - (isOutage(minute) ? 6_310 : 0), asked)
    }

    private static func metrics(_ minute: Int, _ partition: Int) -> [String] {
        let (served, asked) = thousandths(minute, partition)
        var lines = [("Served", served), ("Asked", asked)].map { name, thousandths in
            metric(minute, name, #""sum":\#(decimal(thousandths)),"count":3.0"#, largest: "9.0")
        }
        // One value a minute, in one partition of the two.
        if minute % 2 == partition {
            let value = isOutage(minute) ? "0.9" : "0.2"
            lines.append(metric(minute, "ResponseTime", #""sum":1.5,"count":10.0,"p99":\#(value)"#, largest: value))
        }
        return lines
    }

    private static func metric(_ minute: Int, _ name: String, _ value: String, largest: String) -> String {
        #"{"metric_stream_name":"s","account_id":"111122223333","region":"eu-central-1","namespace":"Shop","#
            + #""metric_name":"\#(name)","dimensions":{},"timestamp":\#(seconds(minute) * 1000),"#
            + #""value":{"max":\#(largest),"min":0.1,\#(value)},"unit":"Count"}"#
    }

    private static func decimal(_ thousandths: Int) -> String {
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// RFC 3339 on the trace's only day.
    private static func text(_ seconds: Int64) -> String {
        let ofDay = Int(seconds - startSeconds) + 9 * 3600
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "2026-01-15T\(two(ofDay / 3600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60))Z"
    }
}
