import Foundation
import TelemetryModel
import Testing

/// A record says which program made it, by which configuration, and when the event was taken in.
@Suite struct AuditProvenanceTests {
    private static let event = #"{"eventTime":"2026-01-02T03:04:05Z","eventID":"e-1","eventName":"DeleteTrail"}"#
    private static let digest = String(repeating: "0a", count: 32)

    private func metadata(_ provenance: Provenance?, processedAt: Timestamp? = nil) throws -> JSONValue {
        var trail = AuditTrail(provenance: provenance, processedAt: processedAt)
        trail.read(Array(Self.event.utf8))
        let json = try #require(trail.records.first?.json)
        let envelope = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
        return try #require(envelope["record"]?["metadata"])
    }

    @Test func programConfigurationAndTimeStandInTheMetadata() throws {
        let time = Timestamp(nanoseconds: 1_768_467_600_123_456_789)
        let metadata = try metadata(
            Provenance(version: "1.2.3", commit: "abc", settings: Self.digest, resources: nil), processedAt: time)
        #expect(metadata["processed_time"] == .integer(1_768_467_600_123))
        #expect(
            metadata["tags"]
                == .array([
                    .object(["name": .text("tidewatch.settings.sha256"), "value": .text(Self.digest)])
                ]))
        guard case .array(let transformations)? = metadata["transformation_info_list"] else {
            Issue.record("the program is not named")
            return
        }
        #expect(
            transformations.map { $0["product"] } == [
                .object([
                    "name": .text("Tidewatch"), "vendor_name": .text("Tidewatch"), "version": .text("1.2.3"),
                    "uid": .text("abc"),
                ])
            ])
        // The source stays CloudTrail.
        #expect(metadata["product"]?["name"] == .text("CloudTrail"))
    }

    @Test func whatIsNotKnownIsLeftOut() throws {
        let unknown = try metadata(Provenance(version: "1.2.3", commit: nil))
        #expect(unknown["tags"] == nil && unknown["processed_time"] == nil)
        #expect(try metadata(nil)["transformation_info_list"] == nil)
    }
}
