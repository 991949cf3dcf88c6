import TelemetryModel

// The members stand in the order of the schema's groups: classification, occurrence, context, primary.
extension AuditRecorder {
    /// Writes the members of the OCSF event.
    func writeRecord(_ event: EventView, to json: inout OCSFWriter) {
        let isFailure = isFailure(event)
        writeClassification(event, isFailure: isFailure, to: &json)
        json.integer("time", event.time.milliseconds)
        writeMetadata(event, to: &json)
        writeAPI(event, isFailure: isFailure, to: &json)
        writeActor(event, to: &json)
        writeEndpoints(event, to: &json)
        writeCloud(event, to: &json)
        writeResources(event, to: &json)
    }

    private func writeClassification(_ event: EventView, isFailure: Bool, to json: inout OCSFWriter) {
        let operation = event[fields.eventName]
        let activity = operation.isText ? OCSFActivity(operation: event.bytes(of: operation)) : .unknown
        json.integer("activity_id", Int64(activity.rawValue))
        if activity == .other {
            // The schema's rule: 99 leaves the name to the source.
            json.field("activity_name", event, fields.eventName)
        } else {
            json.literal("activity_name", activity.caption)
        }
        json.integer("category_uid", 6)
        json.literal("category_name", "Application Activity")
        json.integer("class_uid", 6003)
        json.literal("class_name", "API Activity")
        json.integer("type_uid", Int64(6003 * 100 + activity.rawValue))
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

    private func writeMetadata(_ event: EventView, to json: inout OCSFWriter) {
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
        json.field("uid", event, fields.eventID)
        json.field("correlation_uid", event, fields.sharedEventID)
        json.field("event_code", event, fields.eventType)
        json.literal("log_provider", "AWS CloudTrail")
        json.field("original_time", event, fields.eventTime)
        json.begin("profiles", UInt8(ascii: "["))
        json.element("cloud")
        json.end(UInt8(ascii: "]"))
        json.end()
    }

    private func writeAPI(_ event: EventView, isFailure: Bool, to json: inout OCSFWriter) {
        json.begin("api")
        // An operation is required; an event without a name still tells who did something, where and when.
        if !json.field("operation", event, fields.eventName) { json.literal("operation", "Unknown") }
        json.field("version", event, fields.apiVersion)
        if event.hasText(fields.eventSource) {
            json.begin("service")
            json.field("name", event, fields.eventSource)
            json.end()
        }
        if event.hasText(fields.requestID) {
            json.begin("request")
            json.field("uid", event, fields.requestID)
            json.end()
        }
        if event.hasText(fields.errorCode) || event.hasText(fields.errorMessage) {
            json.begin("response")
            json.field("error", event, fields.errorCode)
            json.field("error_message", event, fields.errorMessage)
            json.end()
        } else if isFailure {
            json.begin("response")
            json.literal("error", "Failure")
            json.end()
        }
        json.end()
    }

    private func writeActor(_ event: EventView, to json: inout OCSFWriter) {
        json.begin("actor")
        json.begin("user")
        json.field("type", event, fields.userType)
        json.integer("type_id", userTypeID(of: event))
        json.field("uid", event, fields.userARN)
        json.field("uid_alt", event, fields.principalID)
        // A user needs a name, a uid or an account; a service that acts by itself has the name of the service.
        let hasName = json.field(
            "name", event, firstOf: fields.userName, fields.issuerName, fields.invokedBy)
        if !hasName, !event.hasText(fields.userARN), !event.hasText(fields.userAccountID) {
            json.literal("name", "Unknown")
        }
        if event.hasText(fields.userAccountID) {
            writeAccount(event, fields.userAccountID, to: &json)
        }
        json.field("credential_uid", event, fields.accessKeyID)
        json.end()
        writeSession(event, to: &json)
        json.field("invoked_by", event, fields.invokedBy)
        json.end()
    }

    private func writeSession(_ event: EventView, to json: inout OCSFWriter) {
        let created = created(event)
        let usedMFA = event.flag(fields.sessionMFA) ?? event.flag(fields.mfaUsed)
        guard created != nil || usedMFA != nil || event.hasText(fields.issuerARN) else { return }
        json.begin("session")
        if let created { json.integer("created_time", created.milliseconds) }
        if let usedMFA { json.bool("is_mfa", usedMFA) }
        json.field("issuer", event, fields.issuerARN)
        json.end()
    }

    private func created(_ event: EventView) -> Timestamp? {
        let value = event[fields.sessionCreated]
        // The longest form has 35 bytes; what is longer is no time, and need not be copied.
        guard value.isText, value.length <= 64 else { return nil }
        let text = unsafe event.bytes(of: value).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        return Timestamp(rfc3339: text)
    }

    /// OCSF's kind of user, by CloudTrail's `userIdentity.type`.
    private func userTypeID(of event: EventView) -> Int64 {
        let type = event[fields.userType]
        guard type.isText, type.length > 0 else { return 0 }
        let text = event.bytes(of: type)
        if text.isEqual("Unknown") { return 0 }
        if text.isEqual("Root") { return 2 }
        if text.isEqual("AWSService") { return 4 }
        let isUser =
            text.isEqual("IAMUser") || text.isEqual("FederatedUser") || text.isEqual("SAMLUser")
            || text.isEqual("WebIdentityUser") || text.isEqual("IdentityCenterUser")
        // Roles and accounts are none of OCSF's kinds; the name of the kind stands beside.
        return isUser ? 1 : 99
    }

    private func writeAccount(_ event: EventView, _ slot: Int, to json: inout OCSFWriter) {
        json.begin("account")
        json.field("uid", event, slot)
        json.literal("type", "AWS Account")
        json.integer("type_id", 10)
        json.end()
    }

    private func writeEndpoints(_ event: EventView, to json: inout OCSFWriter) {
        json.begin("src_endpoint")
        let source = event[fields.sourceAddress]
        if source.isText, source.length > 0 {
            let text = event.bytes(of: source)
            // A service that calls on somebody's behalf stands by its name: "ec2.amazonaws.com", "AWS Internal".
            json.text(SourceAddress.isAddress(text) ? "ip" : "svc_name", text)
        } else if !json.field("svc_name", event, fields.invokedBy) {
            json.literal("svc_name", "Unknown")
        }
        json.end()
        if event.hasText(fields.userAgent) {
            json.begin("http_request")
            json.field("user_agent", event, fields.userAgent)
            json.end()
        }
    }

    private func writeCloud(_ event: EventView, to json: inout OCSFWriter) {
        json.begin("cloud")
        json.literal("provider", "AWS")
        json.field("region", event, fields.region)
        if event.hasText(fields.recipientAccountID) {
            writeAccount(event, fields.recipientAccountID, to: &json)
        } else if event.hasText(fields.userAccountID) {
            writeAccount(event, fields.userAccountID, to: &json)
        }
        json.end()
    }

    /// Writes the resources that CloudTrail names, each with its ARN (or the prefix of one), type and owning account.
    private func writeResources(_ event: EventView, to json: inout OCSFWriter) {
        let value = event[fields.resources]
        guard value.isJSON else { return }
        let text = event.bytes(of: value)
        var hasResources = false
        var elements = ValidJSON(text)
        elements.forEachElement { place in
            let element = text.extracting(place)
            var uid: Range<Int>?
            var type: Range<Int>?
            var account: Range<Int>?
            var members = ValidJSON(element)
            members.forEachMember { key, value in
                // A string's token is copied as it stands; what is no string is no name.
                guard value.count > 2, element.byte(value.lowerBound) == 0x22 else { return }
                let name = element.extracting(key)
                if name.isEqual("ARN") || name.isEqual("arn") || (uid == nil && name.isEqual("ARNPrefix")) {
                    uid = value
                } else if name.isEqual("type") {
                    type = value
                } else if name.isEqual("accountId") {
                    account = value
                }
            }
            guard let uid else { return }
            if !hasResources { json.begin("resources", UInt8(ascii: "[")) }
            hasResources = true
            json.begin()
            json.raw("uid", element.extracting(uid))
            if let type { json.raw("type", element.extracting(type)) }
            if let account {
                json.begin("owner")
                json.begin("account")
                json.raw("uid", element.extracting(account))
                json.literal("type", "AWS Account")
                json.integer("type_id", 10)
                json.end()
                json.end()
            }
            json.end()
        }
        if hasResources { json.end(UInt8(ascii: "]")) }
    }
}

extension Timestamp {
    /// Whole milliseconds since the epoch, rounded down.
    fileprivate var milliseconds: Int64 {
        let quotient = nanoseconds / 1_000_000
        return nanoseconds % 1_000_000 < 0 ? quotient - 1 : quotient
    }
}
