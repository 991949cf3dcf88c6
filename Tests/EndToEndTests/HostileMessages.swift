import Foundation
import TestSupport

/// Messages that are small in their topic and large when they are read: each holds something that Tidewatch repeats in what
/// it publishes, longer than a record of any topic may be.
struct HostileMessages {
    enum Kind: CaseIterable {
        case errorMessage, request, response, resources, agent, usualAgent, escapes, name, identity, group
        case flowHeader, repeatedField, metric, nesting, broken

        /// Of which CloudTrail events are made, all of which are audited: they are writes.
        var isCloudTrail: Bool {
            switch self {
            case .flowHeader, .repeatedField, .metric, .nesting, .broken: false
            default: true
            }
        }

        /// Why its records are dead letters; most messages have none.
        var refusals: [String] {
            switch self {
            // The header, and the line below it.
            case .flowHeader: ["invalid_field", "refused_header"]
            case .nesting: ["nesting_too_deep"]
            case .broken: ["invalid_json"]
            default: []
            }
        }
    }

    /// The user agent of `usualAgent`, without its first letters.
    static let agentBytes = 500_000

    private let long: Data
    private let longer: Data
    private let escapes: Data
    private let resources: Data
    private let column: Data
    private let brackets: Data

    init(in folder: TemporaryFolder) throws {
        func repeating(_ text: String, _ count: Int) throws -> Data {
            try GzipMembers.compressed(String(repeating: text, count: count), in: folder)
        }
        long = try repeating("a", Self.agentBytes)
        longer = try repeating("b", 1_200_000)
        escapes = try repeating(#"\u0001"#, 100_000)
        let resource = #"{"ARN":"arn:aws:s3:::bucket-of-somebody/with/a/long/name","accountId":"111122223333"},"#
        resources = try repeating(resource, 14_000)
        column = try repeating("c", 380_000)
        brackets = try repeating("[", 1_200_000)
    }

    /// - Parameter time: in seconds since 1970.
    func message(_ kind: Kind, number: Int, time: Int) -> Data {
        let stamp = Date(timeIntervalSince1970: Double(time)).ISO8601Format()
        func text(_ text: String) -> Data { GzipMembers.stored(text) }
        func event(_ open: String, _ big: [Data], _ close: String) -> Data {
            let head =
                #"{"eventTime":"\#(stamp)","eventSource":"hostile.amazonaws.com","#
                + (kind == .identity ? "" : #""eventID":"hostile-\#(number)","#)
                + (kind == .name ? "" : #""eventName":"DeleteThing","#)
            // Between two large parts the tail of the first and the head of the next.
            let between = text(#"","requestID":""#)
            return big.dropFirst().reduce(text(head + open) + big[0]) { $0 + between + $1 } + text(close)
        }
        switch kind {
        case .errorMessage: return event(#""errorMessage":""#, [longer], #""}"#)
        case .request: return event(#""requestParameters":{"bucketName":""#, [longer], #""}}"#)
        case .response: return event(#""responseElements":{"x":[{"roleArn":"arn:aws:iam:"#, [long], #""}]}}"#)
        case .resources: return event(#""resources":["#, [resources], #"{}]}"#)
        case .agent: return event(#""userAgent":"agent-\#(number)-"#, [long], #""}"#)
        case .usualAgent: return event(#""userAgent":"usual-"#, [long], #""}"#)
        case .escapes: return event(#""userIdentity":{"arn":"\#(number)"#, [escapes], #""}}"#)
        case .name: return event(#""eventName":"Delete"#, [long], #""}"#)
        case .identity: return event(#""eventID":"\#(number)-"#, [long], #""}"#)
        case .group: return event(#""userAgent":"group-\#(number)-"#, [longer, longer], #""}"#)
        case .flowHeader:
            let space = text(" ")
            return text("version srcaddr dstaddr start end action ") + column + space + column
                + text("\n2 10.0.0.1 10.0.0.2 \(time) \(time) ACCEPT \(number) x\n")
        case .repeatedField:
            let (names, values) = (
                String(repeating: " srcaddr", count: 200), String(repeating: " 10.0.0.2", count: 200)
            )
            return text("version srcaddr start end action\(names)\n2 10.0.0.1 \(time) \(time) ACCEPT\(values)\n")
        case .metric:
            return text(
                #"{"metric_stream_name":"s","account_id":"1","region":"r","namespace":"Hostile","timestamp":\#(time)000,"#
                    + #""value":{"max":1,"min":1,"sum":1,"count":1},"unit":"Count","dimensions":{"d":"\#(number)"},"#
                    + #""metric_name":"m\#(number)"#) + long + text(#""}"#)
        case .nesting: return text(#"{"eventTime":"\#(stamp)","requestParameters":"#) + brackets
        case .broken: return text(#"{"eventTime":"\#(stamp)","userAgent":broken"#) + longer
        }
    }
}
