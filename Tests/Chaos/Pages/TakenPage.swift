import Crypto
import Foundation
import TelemetryModel

/// What a request tells a sink: that an incident opens, or that it ends.
struct TakenPage: Equatable, CustomStringConvertible {
    var key: String
    var isOpen: Bool
    /// Event time of the transition. PagerDuty is not told when an incident ended.
    var time: Timestamp?

    var description: String { "\(isOpen ? "open" : "resolved")\(time.map { " at \($0)" } ?? "")" }

    func isOf(_ change: FeedHistory.Change) -> Bool {
        isOpen == change.isOpen && (time == nil || time == change.time)
    }
}

/// The sinks that are connected, and how their requests read. From the documentation of the Events API v2 and of
/// CloudEvents, by nothing that Tidewatch itself uses.
enum PageSink: String, CaseIterable {
    case pagerDuty = "pagerduty"
    case webhook = "hook"

    static let routingKey = "abcdefghijklmnopqrstuvwxyzABCDEF"
    static let secret = "a secret of more than sixteen bytes"

    struct Malformed: Error, CustomStringConvertible {
        let description: String
    }

    /// - Parameter headers: by their names in small letters.
    func read(_ body: Data, headers: [String: String]) throws -> TakenPage {
        guard let event = try? JSONSerialization.jsonObject(with: body) as? [String: Any] else {
            throw Malformed(description: "a request to \(rawValue) is no JSON object")
        }
        switch self {
        case .pagerDuty: return try Self.pagerDuty(event)
        case .webhook:
            try Self.verify(headers["tidewatch-signature"] ?? "", of: body)
            return try Self.cloudEvent(event)
        }
    }

    private static func pagerDuty(_ event: [String: Any]) throws -> TakenPage {
        guard event["routing_key"] as? String == routingKey, let key = event["dedup_key"] as? String,
            let action = event["event_action"] as? String, ["trigger", "resolve"].contains(action)
        else { throw Malformed(description: "no event of PagerDuty's: \(event)") }
        if action == "resolve" { return TakenPage(key: key, isOpen: false, time: nil) }
        guard let payload = event["payload"] as? [String: Any], let text = payload["timestamp"] as? String,
            let time = Timestamp(rfc3339: text)
        else { throw Malformed(description: "a trigger without its time: \(event)") }
        return TakenPage(key: key, isOpen: true, time: time)
    }

    private static func cloudEvent(_ event: [String: Any]) throws -> TakenPage {
        guard event["specversion"] as? String == "1.0", let key = event["subject"] as? String,
            let text = event["time"] as? String, let time = Timestamp(rfc3339: text),
            let status = (event["data"] as? [String: Any])?["status"] as? String, ["open", "resolved"].contains(status)
        else { throw Malformed(description: "no event of an alert: \(event)") }
        // What a receiver goes by that passes repetitions over.
        guard event["id"] as? String == "\(key)/\(text)/\(status)" else {
            throw Malformed(description: "an event's id is not its key, time and status: \(event)")
        }
        return TakenPage(key: key, isOpen: status == "open", time: time)
    }

    /// `t=SECONDS,v1=HEX`: HMAC-SHA256 of the digits, a dot and the body.
    private static func verify(_ header: String, of body: Data) throws {
        let parts = header.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1).last ?? "" }
        guard parts.count == 2, header.hasPrefix("t="), Int64(parts[0]) != nil else {
            throw Malformed(description: "a signature of another form: \(header)")
        }
        var code = HMAC<SHA256>(key: SymmetricKey(data: Data(secret.utf8)))
        code.update(data: Data("\(parts[0]).".utf8))
        code.update(data: body)
        let expected = code.finalize().map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
        guard expected == parts[1] else { throw Malformed(description: "a body is not what was signed: \(header)") }
    }
}
