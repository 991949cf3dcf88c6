import Foundation
import SyntheticEstate
import TelemetryModel

/// What must come out in the end, counted from the records as they are made and by nothing that Tidewatch itself uses.
struct Ledger {
    struct Count: Equatable {
        var good: Int64 = 0
        var total: Int64 = 0
    }

    private(set) var objectives: [String: Count] = [:]
    /// Of SLOs with groups: each group, and all of them together.
    private(set) var groups: [String: Count] = [:]
    private(set) var rollups = RollupCells()
    /// The `eventID` of each record that belongs in the audit trail.
    private(set) var audited: Set<String> = []
    /// Those of them that 0.1.0 leaves out.
    private(set) var secretsRead: Set<String> = []
    private(set) var rejected: Set<Data> = []
    private(set) var incidents: [ScheduledIncident] = []
    private var seen: Set<String> = []

    /// Takes over what the estate itself counted, once all its records are made.
    mutating func take(_ estate: EstateTotals) {
        for (name, count) in estate.objectives { objectives[name] = Count(good: count.good, total: count.total) }
        objectives["api-errors"] = objectives["api-success"]
        groups["calls-by-source"] = objectives["api-success"]
        groups["bytes-by-interface"] = objectives["accepted-bytes"]
        incidents = estate.incidents
    }

    /// Version 1 of the records tells no groups.
    mutating func forgetGroups() { groups = [:] }

    mutating func reject(_ bytes: [UInt8]) { rejected.insert(Data(bytes)) }

    /// Counts a record; a CloudTrail record that was delivered before does not count again.
    ///
    /// - Returns: the `eventID` of a CloudTrail record.
    mutating func count(_ record: GeneratedRecord) throws -> String? {
        switch record.kind {
        case .cloudTrail: return try countCall(record)
        case .vpcFlow: try countFlow(record)
        case .metric:
            let name = try Self.object(record.bytes)["metric_name"] as? String ?? ""
            add("data-by-metric", name, record.time, minutes: 1, ["data": .sum(1)])
        }
        return nil
    }

    private mutating func countCall(_ record: GeneratedRecord) throws -> String {
        let event = try Self.object(record.bytes)
        guard let id = event["eventID"] as? String, let source = event["eventSource"] as? String else {
            throw ChaosOptions.Problem(description: "a generated call has no eventID or eventSource")
        }
        guard seen.insert(id).inserted else { return id }
        let failed = event["errorCode"] != nil
        let caller = (event["userIdentity"] as? [String: Any])?["arn"] as? String ?? ""
        add(
            "calls-by-service", source, record.time, minutes: 5,
            ["calls": .sum(1), "errors": .sum(failed ? 1 : 0), "callers": .distinct([caller])])
        let isSignIn = event["eventName"] as? String == "ConsoleLogin"
        if isSignIn {
            let outcome = (event["responseElements"] as? [String: Any])?["ConsoleLogin"] as? String
            add(
                "console-sign-ins", event["recipientAccountId"] as? String ?? "", record.time, minutes: 1,
                ["attempts": .sum(1), "failed": .sum(outcome == "Failure" ? 1 : 0)])
        }
        // A failure, a management write, a sign-in, or a read of secrets; every generated record is a management event.
        let readsSecrets = ["AssumeRole", "GetSecretValue"].contains(event["eventName"] as? String)
        let isAudited = failed || isSignIn || event["readOnly"] as? Bool == false
        if isAudited || readsSecrets { audited.insert(id) }
        if readsSecrets, !isAudited { secretsRead.insert(id) }
        return id
    }

    private mutating func countFlow(_ record: GeneratedRecord) throws {
        let fields = String(decoding: record.bytes, as: UTF8.self).split(separator: " ").map(String.init)
        guard fields.count == 14 else {
            throw ChaosOptions.Problem(description: "a generated flow has \(fields.count) fields")
        }
        guard fields[13] == "OK", let volume = Int64(fields[9]) else { return }
        let accepted = fields[12] == "ACCEPT"
        objectives["accepted-bytes", default: Count()].total += volume
        if accepted { objectives["accepted-bytes", default: Count()].good += volume }
        groups["bytes-by-interface{\(fields[2])}", default: Count()].total += volume
        if accepted { groups["bytes-by-interface{\(fields[2])}", default: Count()].good += volume }
        add(
            "flows-by-interface", fields[2], record.time, minutes: 1,
            [
                "flows": .sum(1), "rejected": .sum(accepted ? 0 : 1), "volume": .sum(volume),
                "smallest": .least(volume),
                "largest": .greatest(volume), "ports": .distinct([fields[6]]), "p95": .sum(1),
            ])
    }

    private mutating func add(
        _ rollup: String, _ group: String, _ time: Timestamp, minutes: Int64, _ measures: [String: Measure]
    ) {
        let window = time.windowStart(length: minutes * 60 * Timestamp.nanosecondsPerSecond)
        rollups.add(RollupCell(rollup: rollup, group: group, window: window.description), measures)
    }

    private static func object(_ bytes: [UInt8]) throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any] else {
            throw ChaosOptions.Problem(description: "a generated record is no JSON object")
        }
        return object
    }
}
