import TelemetryModel

/// Makes audit records of CloudTrail events: management writes, calls that failed, and sign-ins.
///
/// A record is an event of OCSF 1.8.0's class API Activity (6003) with the profile "cloud", in an envelope that says where
/// it came from. Pure: the same event at the same position gives the same bytes. It has no state of its own, so that one
/// recorder may serve many threads.
public struct AuditRecorder: Sendable {
    /// The version of OCSF that records follow.
    public static let schemaVersion: StaticString = "1.8.0"

    let fields: AuditFields

    /// Registers the fields that records are made of with the projection of CloudTrail events.
    public init(projection: inout ProjectionBuilder) {
        precondition(projection.kind == .cloudTrail, "audit records are made of CloudTrail events")
        fields = AuditFields(&projection)
    }

    /// Whether the event belongs in the audit trail.
    ///
    /// - A management write: `readOnly` is false, and `managementEvent` is true or absent.
    /// - A failure: there is an `errorCode`, whatever was called.
    /// - A sign-in, or another event of signing in: type `AwsConsoleSignIn`, the source signin.amazonaws.com, or IAM Identity
    ///   Center's authentication events.
    ///
    /// Insights events report rates of calls, and are never audited.
    public func isAuditable(_ event: borrowing EventView) -> Bool {
        let event = copy event
        if event.isText(fields.eventCategory, "Insight") { return false }
        if event.hasText(fields.errorCode) { return true }
        if event.flag(fields.readOnly) == false, event.flag(fields.managementEvent) != false { return true }
        return isSignIn(event)
    }

    /// Appends one compact JSON object, without a line end: `{"uid": …, "position": {…}, "record": {OCSF}}`.
    ///
    /// `uid` is the event's own `eventID`, the same however often the event is delivered, so that duplicates can be
    /// removed later; for an event without one it is made of the position. Any event can be recorded, auditable or not.
    public func append(_ event: EventView, position: SourcePosition, to bytes: inout [UInt8]) {
        var json = OCSFWriter(bytes)
        bytes = []
        json.begin()
        if !json.field("uid", event, fields.eventID) { json.text("uid", AuditRecorder.uid(of: position)) }
        var place = JSONWriter()
        position.write(to: &place)
        unsafe json.raw("position", place.bytes.span.bytes)
        json.begin("record")
        writeRecord(event, to: &json)
        json.end()
        json.end()
        bytes = json.bytes
    }

    private static func uid(of position: SourcePosition) -> String {
        switch position {
        case .file(let name, let record): "\(name)#\(record)"
        case .kafka(let topic, let partition, let offset, let record): "\(topic)/\(partition)/\(offset)#\(record)"
        }
    }

    // MARK: Sign-ins and outcomes

    func isSignIn(_ event: EventView) -> Bool {
        if event.isText(fields.eventType, "AwsConsoleSignIn") { return true }
        if event.isText(fields.eventSource, "signin.amazonaws.com") { return true }
        guard event.isText(fields.eventSource, "sso.amazonaws.com") else { return false }
        return event.isText(fields.eventName, "Authenticate") || event.isText(fields.eventName, "Federate")
            || event.isText(fields.eventName, "UserAuthentication")
            || event.isText(fields.eventName, "CredentialChallenge")
            || event.isText(fields.eventName, "CredentialVerification")
    }

    /// Whether the call failed. A sign-in may say so in its response alone: `{"ConsoleLogin": "Failure"}`.
    func isFailure(_ event: EventView) -> Bool {
        if event.hasText(fields.errorCode) || event.hasText(fields.errorMessage) { return true }
        let response = event[fields.responseElements]
        guard response.isJSON, isSignIn(event) else { return false }
        let text = event.bytes(of: response)
        var failed = false
        var members = ValidJSON(text)
        members.forEachMember { _, value in
            if text.extracting(value).isEqual("\"Failure\"") { failed = true }
        }
        return failed
    }
}
