import Foundation
import KafkaClient

/// What must hold in the end.
struct Checks {
    private let options: ChaosOptions
    private let cluster: Cluster
    private let topics: Topics
    private let settings: URL
    private let journal: Journal

    init(_ options: ChaosOptions, cluster: Cluster, topics: Topics, settings: URL, journal: Journal) {
        self.options = options
        self.cluster = cluster
        self.topics = topics
        self.settings = settings
        self.journal = journal
    }

    /// - Parameter hadPauses: members were declared dead, and went on: they may have written alerts that others wrote too.
    func run(_ ledger: Ledger, hadPauses: Bool = false) throws {
        for difference in try differences(ledger) { journal.problem(difference) }
        try checkRollups(ledger)
        try checkAlerts(hadPauses)
        try checkAudit(ledger)
        try checkDeadLetters(ledger)
    }

    // MARK: Objectives

    /// Where the report is not what the ledger says.
    func differences(_ ledger: Ledger) throws -> [String] {
        let report = try self.report()
        var differences: [String] = []
        for (name, expected)
            in (ledger.objectives.sorted { $0.key < $1.key } + ledger.groups.sorted { $0.key < $1.key })
        {
            guard let entries = report[name] else {
                differences.append("the report lacks \(name)")
                continue
            }
            func sum(_ member: String) -> Int64 {
                entries.reduce(0) { $0 + (($1[member] as? NSNumber)?.int64Value ?? -1) }
            }
            let found = Ledger.Count(good: sum("good"), total: sum("total"))
            if found != expected {
                differences.append(
                    "\(name): good/total are \(found.good)/\(found.total), and should be "
                        + "\(expected.good)/\(expected.total)")
            }
            let late = sum("late_uncounted")
            if late != 0 { differences.append("\(name): \(late) records are called late, and none is") }
        }
        return differences
    }

    /// By name, and of groups by their name and value too.
    private func report() throws -> [String: [[String: Any]]] {
        let process = Process()
        process.executableURL = options.binary
        process.arguments = ["slo", "report", "--format", "json", "--config", settings.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0,
            let report = try JSONSerialization.jsonObject(with: bytes) as? [String: Any],
            let entries = report["slos"] as? [[String: Any]]
        else { return [:] }
        var byName: [String: [[String: Any]]] = [:]
        for entry in entries {
            guard let name = entry["name"] as? String else { continue }
            byName[name, default: []].append(entry)
            for case let value as String in (entry["group"] as? [String: Any] ?? [:]).values {
                byName["\(name){\(value)}", default: []].append(entry)
            }
        }
        return byName
    }

    // MARK: Records

    private func checkRollups(_ ledger: Ledger) throws {
        let log = try ChangelogEntries(cluster.records(topics.registers))
        for problem in log.states.problems.prefix(5) { journal.problem(problem) }
        // Only the next release has a value to tell.
        if options.next != nil { journal.note(log.states.summary) }
        if options.next != nil, !log.states.hasAllKinds {
            journal.problem("values of sources' states were not told, kept and gone on with")
        }
        let differences = log.rollups.differences(from: ledger.rollups)
        for difference in differences.prefix(5) { journal.problem(difference) }
        if differences.count > 5 { journal.problem("\(differences.count - 5) more cells of rollups differ") }
        journal.note(
            "\(log.updates) register updates, of which \(log.skipped) do not count; \(ledger.rollups.cells.count) cells of rollups"
        )
    }

    /// Each transition once, opened and resolved in turn.
    private func checkAlerts(_ hadPauses: Bool) throws {
        let (feed, alerts) = try cluster.feed(topics.alerts)
        for problem in feed.problems { journal.problem("alert \(problem)") }
        if feed.writtenAgain > 0, !hadPauses {
            journal.problem("\(feed.writtenAgain) transitions were written again, and no member was declared dead")
        }
        // Without this the checks above would hold of a feed that is empty. The estate's incidents are meant to alert.
        for component in ["checkout-us-east-1b", "port-scan", "failed-sign-ins"]
        where !alerts.contains(where: { $0.component == component }) {
            journal.problem("no alert of \(component) was ever opened")
        }
        journal.note(
            "\(feed.records) alert transitions of \(feed.keys.count) alerts, \(feed.writtenAgain) of them written again; \(feed.saidAgain) open ones said again"
        )
    }

    /// At least once each; without those of equal position, exactly once.
    private func checkAudit(_ ledger: Ledger) throws {
        var positions: [String: Set<String>] = [:]
        let records = try cluster.records(topics.audit)
        for record in records {
            let json = try record.json()
            let place = try JSONSerialization.data(withJSONObject: json["position"] ?? [:], options: .sortedKeys)
            positions[json["uid"] as? String ?? "?", default: []].insert(String(decoding: place, as: UTF8.self))
        }
        let found = Set(positions.keys)
        let expected = options.former == nil ? ledger.audited : ledger.audited.subtracting(ledger.secretsRead)
        report(expected.subtracting(found).sorted(), "are not in the audit trail")
        report(found.subtracting(ledger.audited).sorted(), "are in the audit trail and should not be")
        report(
            positions.filter { $0.value.count > 1 }.map { "\($0.key) \($0.value.sorted())" }.sorted(),
            "are in the audit trail at several positions")
        journal.note("\(records.count) audit records of \(found.count) events")
    }

    private func checkDeadLetters(_ ledger: Ledger) throws {
        var positions: [Data: Set<Data>] = [:]
        let records = try cluster.records(topics.deadLetter)
        for record in records { positions[record.value, default: []].insert(Data(record.key)) }
        let found = Set(positions.keys)
        func text(_ values: some Sequence<Data>) -> [String] {
            values.map { String(decoding: $0, as: UTF8.self) }.sorted()
        }
        report(text(ledger.rejected.subtracting(found)), "are no dead letters")
        report(text(found.subtracting(ledger.rejected)), "are dead letters and should not be")
        report(text(positions.filter { $0.value.count > 1 }.map(\.key)), "are dead letters at several positions")
        journal.note("\(records.count) dead letters of \(found.count) records")
    }

    private func report(_ items: [String], _ what: String) {
        if items.isEmpty { return }
        let shown = items.prefix(3).joined(separator: ", ")
        journal.problem("\(items.count) records \(what): \(shown)\(items.count > 3 ? ", …" : "")")
    }
}
