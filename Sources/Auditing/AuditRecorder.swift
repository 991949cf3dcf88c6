import JSON
import TelemetryModel
import Text

/// Makes audit records of CloudTrail events: management writes, calls that failed, sign-ins, and reads of secrets.
///
/// A record is an event of OCSF 1.8.0 (API Activity, Account Change or Authentication, with the profile "cloud"), in an envelope
/// that says where it came from; docs/audit.md lists which field becomes which attribute. Pure: the same event at the same
/// position and time gives the same bytes. It has no state of its own, so that one recorder may serve many threads.
///
/// Only what decides whether an event is recorded, and what most records have, takes slots of the projection. The rest is
/// looked for in the record's own text, so that events that are not recorded cost nothing more.
public struct AuditRecorder: Sendable {
    /// The version of OCSF that records follow.
    public static let schemaVersion: StaticString = "1.8.0"

    let fields: AuditFields
    let maker: AuditMaker?

    /// Registers the fields that records are made of with the projection of CloudTrail events.
    ///
    /// - Parameter provenance: what records say of who made them; `nil` says nothing.
    public init(projection: inout ProjectionBuilder, provenance: Provenance? = nil) {
        precondition(projection.kind == .cloudTrail, "audit records are made of CloudTrail events")
        fields = AuditFields(&projection)
        maker = provenance.map(AuditMaker.init)
    }

    /// Appends one compact JSON object, without a line end: `{"uid": …, "position": {…}, "record": {OCSF}}`.
    ///
    /// `uid` is the event's own `eventID`, the same however often the event is delivered, so that duplicates can be
    /// removed later; for an event without one it is made of the position. Any event can be recorded, auditable or not.
    /// Returns whether something of the event was too long and was cut, by `AuditLimits`.
    ///
    /// - Parameter processedAt: when the event was taken in, by a clock that is trusted; `nil` where none is asked, and the record says nothing.
    @discardableResult
    public func append(
        _ event: EventView, position: SourcePosition, processedAt: Timestamp? = nil, to bytes: inout [UInt8]
    ) -> Bool {
        var json = OCSFWriter(bytes)
        bytes = []
        json.begin()
        writeUID(event, position, to: &json)
        var place = JSONWriter()
        position.write(to: &place)
        unsafe json.raw("position", Inert.json(place.bytes).span.bytes)
        json.begin("record")
        writeRecord(event, position: position, processedAt: processedAt, to: &json)
        json.end()
        json.end()
        bytes = json.bytes
        return json.isTruncated
    }

    func writeUID(_ event: EventView, _ position: SourcePosition, to json: inout OCSFWriter) {
        if !json.field("uid", event, fields.eventID) {
            json.text("uid", String(decoding: position.identifier, as: UTF8.self))
        }
    }
}
