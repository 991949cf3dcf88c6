import Foundation
import Statistics
import Testing

/// The folder of public data sets; without it these tests are skipped, and say so.
private let conformanceData: String? = {
    let folder = ProcessInfo.processInfo.environment["TIDEWATCH_CONFORMANCE_DATA"]
    if folder == nil { print("OCSF conformance: skipped, TIDEWATCH_CONFORMANCE_DATA is not set") }
    return folder
}()

// Skipped without the data sets: neither OCSF's metaschema nor the events are part of the repository.
@Suite(.enabled(if: conformanceData != nil)) struct OCSFConformanceTests {
    let schema: OCSFSchema
    let data: String

    init() throws {
        data = try #require(conformanceData)
        schema = try OCSFSchema(folder: data + "/ocsf/schema-1.8.0")
    }

    func problems(of record: JSONValue) throws -> [String] {
        let files: [JSONValue: String] = [
            .integer(6003): "events/application/api_activity.json", .integer(3001): "events/iam/account_change.json",
            .integer(3002): "events/iam/authentication.json",
        ]
        guard let file = record["class_uid"].flatMap({ files[$0] }) else { return [".class_uid: no class of ours"] }
        return try schema.problems(of: record, class: file) + schema.observableProblems(of: record)
    }

    func record(_ json: String) throws -> JSONValue {
        let envelope = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        #expect(Set(envelope.members.keys) == ["uid", "position", "record"])
        return try #require(envelope["record"])
    }

    /// All CloudTrail text of the data sets, unpacked.
    func texts() throws -> [[UInt8]] {
        let folder = URL(fileURLWithPath: data + "/cloudtrail")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        var texts: [[UInt8]] = []
        for case let file as URL in try #require(files) {
            switch file.pathExtension {
            case "gz":
                let gzip = Process()
                gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
                gzip.arguments = ["-dc", file.path]
                let pipe = Pipe()
                gzip.standardOutput = pipe
                try gzip.run()
                texts.append([UInt8](pipe.fileHandleForReading.readDataToEndOfFile()))
                gzip.waitUntilExit()
            case "json": texts.append([UInt8](try Data(contentsOf: file)))
            case "ndjson": texts += try lines(of: file)
            default: continue
            }
        }
        return texts
    }

    /// The events inside the lines of rule tests.
    func lines(of file: URL) throws -> [[UInt8]] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap { line in
            let test = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            guard let event = test?["event"] as? [String: Any] else { return nil }
            return [UInt8](try JSONSerialization.data(withJSONObject: event))
        }
    }

    @Test func everyRecordOfTheDataSetsIsValid() throws {
        var trail = AuditTrail()
        for text in try texts() { trail.read(text) }
        #expect(trail.records.count > 1700)
        let auditable = trail.records.filter(\.isAuditable).count
        print("OCSF conformance: \(trail.records.count) events, \(auditable) auditable")
        #expect(auditable > 550)
        try expectValid(trail)
    }

    @Test func everyRecordOfTheTestsIsValid() throws {
        var trail = AuditTrail()
        for event in MadeUpEvents.all { trail.read(Array(event.utf8)) }
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        print("OCSF conformance seed: \(seed)")
        for _ in 0..<1000 { trail.read(Array(MadeUpEvents.make(&random).utf8)) }
        #expect(trail.records.count == MadeUpEvents.all.count + 1000)
        try expectValid(trail)
    }

    /// Not only the auditable ones: whatever is recorded must be valid.
    func expectValid(_ trail: borrowing AuditTrail) throws {
        for (_, json) in trail.records {
            let problems = try problems(of: record(json))
            if !problems.isEmpty { Issue.record("\(problems) in \(json.prefix(4000))") }
        }
    }

    @Test func validatorFindsWhatIsWrong() throws {
        let json = try #require(AuditTrail.records(of: #"{"eventTime":"2026-01-02T03:04:05Z"}"#).first?.json)
        let good = try record(json)
        #expect(try self.problems(of: good) == [])
        func problems(changing change: (inout [String: JSONValue]) -> Void) throws -> [String] {
            var members = good.members
            change(&members)
            return try self.problems(of: .object(members))
        }
        #expect(try problems { $0["cloud"] = nil } == [".cloud: required"])
        #expect(
            try problems { $0["activity_id"] = .integer(7) }
                == [".type_uid: expected 600307", ".activity_id: 7 is not in the enumeration"])
        #expect(try problems { $0["class_uid"] = .integer(6001) } == [".class_uid: no class of ours"])
        #expect(try !problems { $0["class_uid"] = .integer(3001) }.isEmpty)
        #expect(try !problems { $0["observables"] = .array([.object(["type_id": .integer(12345)])]) }.isEmpty)
        #expect(try problems { $0["time"] = .text("now") } == [".time: not of type timestamp_t"])
        #expect(try problems { $0["colour"] = .text("red") } == [".colour: unknown"])
        #expect(try problems { $0["src_endpoint"] = .object([:]) }.count == 1)
        #expect(
            try problems { $0["src_endpoint"] = .object(["ip": .text("here")]) } == [".src_endpoint.ip: no address"])
        #expect(try problems { $0["resources"] = .array([]) }.count == 1)
        #expect(try problems { $0["metadata"] = .object(["version": .text("1.8.0")]) }.contains(".cloud: unknown"))
    }
}
