import TelemetryModel
import Text

// The members are in the order of the schema's groups: classification, occurrence, primary, context. `metadata` is last, as it
// says whether anything was cut.
extension AuditRecorder {
    /// Writes the members of the OCSF event.
    func writeRecord(
        _ event: EventView, position: SourcePosition, processedAt: Timestamp?, to json: inout OCSFWriter
    ) {
        let members = RecordMembers(event.recordBytes)
        let classification = classification(of: event)
        let isFailure = isFailure(event, members)
        writeClassification(event, classification, isFailure: isFailure, to: &json)
        json.integer("time", event.time.milliseconds)
        writeAPI(event, members, isFailure: isFailure, to: &json)
        writeActor(event, members, to: &json)
        writeEndpoints(event, members, to: &json)
        writeCloud(event, to: &json)
        switch classification.eventClass {
        case .apiActivity: writeResources(of: event.recordBytes, members, to: &json)
        case .accountChange:
            if let change = classification.change { writeAccountChange(event, members, change, to: &json) }
        case .authentication: writeAuthentication(event, members, to: &json)
        }
        writeUnmapped(of: event.recordBytes, classification.eventClass, to: &json)
        json.writeObservables()
        writeMetadata(event, position, processedAt: processedAt, to: &json)
    }

    private func classification(of event: EventView) -> OCSFClassification {
        let source = event[fields.eventSource]
        let operation = event[fields.eventName]
        return OCSFClassification(
            source: event.text(of: source), operation: event.text(of: operation), isSignIn: isSignIn(event))
    }

    private func writeClassification(
        _ event: EventView, _ classification: OCSFClassification, isFailure: Bool, to json: inout OCSFWriter
    ) {
        let eventClass = classification.eventClass
        json.integer("activity_id", classification.activityID)
        // The schema's rule: 99 leaves the name to the source.
        if classification.activityID != 99 || !json.field("activity_name", event, fields.eventName) {
            json.literal("activity_name", classification.activity)
        }
        json.integer("category_uid", eventClass.category.id)
        json.literal("category_name", eventClass.category.caption)
        json.integer("class_uid", eventClass.rawValue)
        json.literal("class_name", eventClass.caption)
        json.integer("type_uid", eventClass.rawValue * 100 + classification.activityID)
        json.literal("type_name", eventClass.caption, ": ", classification.activity)
        // A failed call is an attempt that somebody may want to know of, a failed sign-in one that somebody should.
        switch (isFailure, isFailure && isSignIn(event)) {
        case (false, _): severity(1, "Informational", to: &json)
        case (true, false): severity(2, "Low", to: &json)
        case (true, true): severity(3, "Medium", to: &json)
        }
        json.integer("status_id", isFailure ? 2 : 1)
        json.literal("status", isFailure ? "Failure" : "Success")
        json.field("status_code", event, fields.errorCode)
        json.field("status_detail", event, fields.errorMessage)
    }

    private func severity(_ id: Int64, _ caption: StaticString, to json: inout OCSFWriter) {
        json.integer("severity_id", id)
        json.literal("severity", caption)
    }

    private func writeAPI(
        _ event: EventView, _ members: RecordMembers, isFailure: Bool, to json: inout OCSFWriter
    ) {
        let record = event.recordBytes
        json.begin("api")
        // An operation is required; an event without a name still says who did something, where and when.
        if !json.field("operation", event, fields.eventName) { json.literal("operation", "Unknown") }
        json.field("version", event, fields.apiVersion)
        if event.hasText(fields.eventSource) {
            json.begin("service")
            json.field("name", event, fields.eventSource)
            json.end()
        }
        let hasParameters = members.requestParameters.map { record.isMeaningful($0) } ?? false
        if hasParameters || event.hasText(fields.requestID) {
            json.begin("request")
            // A uid is required; what a service does by itself has no request of its own.
            if !json.field("uid", event, fields.requestID) { json.literal("uid", "Unknown") }
            json.data("data", record, members.requestParameters)
            json.end()
        }
        let beforeResponse = json.mark
        json.begin("response")
        let inResponse = json.bytes.count
        let hasCode = json.field("error", event, fields.errorCode)
        if !json.field("error_message", event, fields.errorMessage), !hasCode, isFailure {
            json.literal("error", "Failure")
        }
        json.data("data", record, members.responseElements)
        if json.bytes.count > inResponse { json.end() } else { json.goBack(to: beforeResponse) }
        json.end()
    }

    private func writeEndpoints(_ event: EventView, _ members: RecordMembers, to json: inout OCSFWriter) {
        let record = event.recordBytes
        json.begin("src_endpoint")
        let source = event[fields.sourceAddress]
        if source.isText, source.length > 0 {
            let text = event.bytes(of: source)
            // A service that calls on somebody's behalf is given by its name: "ec2.amazonaws.com", "AWS Internal".
            let isAddress = IPAddress(text) != nil
            json.text(isAddress ? "ip" : "svc_name", text)
            if isAddress { json.observe("src_endpoint.ip", .ipAddress) }
        } else if !json.field("svc_name", event, fields.invokedBy) {
            json.literal("svc_name", "Unknown")
        }
        if json.token("uid", record, members.vpcEndpointID) { json.observe("src_endpoint.uid", .endpointUID) }
        if let owner = members.vpcEndpointAccountID, record.isMeaningful(owner) { json.owner(record, account: owner) }
        json.end()
        if event.hasText(fields.userAgent) {
            json.begin("http_request")
            if json.field("user_agent", event, fields.userAgent) { json.observe("http_request.user_agent", .userAgent) }
            json.end()
        }
    }

    private func writeCloud(_ event: EventView, to json: inout OCSFWriter) {
        json.begin("cloud")
        json.literal("provider", "AWS")
        json.field("region", event, fields.region)
        if event.hasText(fields.recipientAccountID) {
            writeAccount(event, fields.recipientAccountID, observedAs: "cloud.account.uid", to: &json)
        } else if event.hasText(fields.userAccountID) {
            writeAccount(event, fields.userAccountID, observedAs: "cloud.account.uid", to: &json)
        }
        json.end()
    }

    func writeAccount(
        _ event: EventView, _ slot: Int, observedAs name: StaticString? = nil, to json: inout OCSFWriter
    ) {
        json.begin("account")
        if json.field("uid", event, slot), let name { json.observe(name, .accountUID) }
        json.literal("type", "AWS Account")
        json.integer("type_id", 10)
        json.end()
    }

    private func writeMetadata(
        _ event: EventView, _ position: SourcePosition, processedAt: Timestamp?, to json: inout OCSFWriter
    ) {
        json.begin("metadata")
        json.literal("version", AuditRecorder.schemaVersion)
        json.begin("product")
        json.literal("name", "CloudTrail")
        json.literal("vendor_name", "AWS")
        json.field("version", event, fields.eventVersion)
        if event.hasText(fields.eventCategory) {
            json.begin("feature")
            json.field("name", event, fields.eventCategory)
            json.end()
        }
        json.end()
        writeUID(event, position, to: &json)
        json.field("correlation_uid", event, fields.sharedEventID)
        json.field("event_code", event, fields.eventType)
        json.literal("log_provider", "AWS CloudTrail")
        json.field("original_time", event, fields.eventTime)
        if let processedAt { json.integer("processed_time", processedAt.milliseconds) }
        if let tags = maker?.tags { unsafe json.raw("tags", tags.span.bytes) }
        if let maker { unsafe json.raw("transformation_info_list", maker.transformations.span.bytes) }
        json.beginArray("profiles")
        json.element("cloud")
        json.endArray()
        if json.isTruncated {
            json.bool("is_truncated", true)
            json.integer("untruncated_size", Int64(event.record.length))
        }
        json.end()
    }
}

extension Timestamp {
    /// Whole milliseconds since the epoch, rounded down.
    var milliseconds: Int64 {
        let quotient = nanoseconds / 1_000_000
        return nanoseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }
}

extension OCSFWriter {
    /// The account that something belongs to.
    mutating func owner(_ record: RawSpan, account: Range<Int>) {
        begin("owner")
        begin("account")
        token("uid", record, account)
        literal("type", "AWS Account")
        integer("type_id", 10)
        end()
        end()
    }
}
