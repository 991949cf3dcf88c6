import Auditing
import Decoding
import Foundation
import TelemetryModel
import Testing

/// Decodes CloudTrail text and records every event in it, with what the recorder said of each.
struct AuditTrail: EventConsumer, ~Copyable {
    let recorder: AuditRecorder
    private(set) var records: [(isAuditable: Bool, json: String)] = []
    private(set) var rejectedCount = 0
    private let projection: Projection
    private let processedAt: Timestamp?

    /// As complete as the service's, so that all of it is held against the schema.
    init(
        provenance: Provenance? = Provenance(
            version: "0.0.1", commit: "c0ffee", settings: String(repeating: "1", count: 64),
            resources: String(repeating: "2", count: 64)),
        processedAt: Timestamp? = Timestamp(nanoseconds: 1_768_467_600_000_000_000)
    ) {
        self.processedAt = processedAt
        var builder = ProjectionBuilder(kind: .cloudTrail)
        recorder = AuditRecorder(projection: &builder, provenance: provenance)
        projection = builder.projection
    }

    /// The members of `metadata` that say when, by what and by which configuration a record was made.
    static let maker =
        #""processed_time":1768467600000,"tags":[{"name":"tidewatch.settings.sha256","value":"\#(digits("1"))"},"#
        + #"{"name":"tidewatch.resources.sha256","value":"\#(digits("2"))"}],"#
        + #""transformation_info_list":[{"name":"CloudTrail to OCSF","product":{"name":"Tidewatch","#
        + #""vendor_name":"Tidewatch","version":"0.0.1","uid":"c0ffee"}}]"#

    private static func digits(_ digit: String) -> String { String(repeating: digit, count: 64) }

    mutating func read(_ text: [UInt8]) {
        var decoder = MessageDecoder(
            format: .cloudTrail, projections: ProjectionSet(cloudTrail: projection))
        _ = decoder.decode(text.span.bytes, to: &self)
    }

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            var bytes: [UInt8] = []
            recorder.append(
                event, position: .file(name: "trail.json", record: event.record.index), processedAt: processedAt,
                to: &bytes)
            records.append((recorder.isAuditable(event), String(decoding: bytes, as: UTF8.self)))
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        rejectedCount += 1
    }

    /// The records of a text.
    static func records(of text: String) -> [(isAuditable: Bool, json: String)] {
        var trail = AuditTrail()
        trail.read(Array(text.utf8))
        return trail.records
    }

    /// The OCSF event of a text with one event.
    static func record(of text: String) throws -> JSONValue {
        let json = try #require(records(of: text).first?.json)
        #expect(!json.contains("\n"))
        let envelope = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        return try #require(envelope["record"])
    }

    /// Whether the one event with these members is auditable.
    static func isAuditable(_ members: String) -> Bool? {
        records(of: "{\"eventTime\":\"2026-01-02T03:04:05Z\",\(members)}").first?.isAuditable
    }
}

extension JSONValue {
    /// What the elements of `resources` are called.
    var names: [String] {
        if case .array(let values) = self { values.compactMap { ($0["uid"] ?? $0["name"])?.text } } else { [] }
    }
}
