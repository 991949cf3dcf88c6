import TelemetryModel

// Who did it: the user, the session, and who vouched for the user.
extension AuditRecorder {
    func writeActor(_ event: EventView, _ members: RecordMembers, to json: inout OCSFWriter) {
        json.begin("actor")
        writeCaller("user", event, members, isActor: true, to: &json)
        writeSession(event, to: &json)
        writeIdentityProvider(event, members, to: &json)
        json.field("invoked_by", event, fields.invokedBy)
        json.end()
    }

    /// Writes who called: as the actor, and as the user of an event that is about the caller.
    func writeCaller(
        _ key: StaticString, _ event: EventView, _ members: RecordMembers, isActor: Bool, to json: inout OCSFWriter
    ) {
        let record = event.recordBytes
        // A user of Identity Center has no ARN and no name in userIdentity.
        let person = record.member("userId", of: record.member("onBehalfOf", of: members.userIdentity))
        json.begin(key)
        json.field("type", event, fields.userType)
        json.integer("type_id", userTypeID(of: event))
        let hasARN = json.field("uid", event, fields.userARN)
        let hasUID = hasARN || json.token("uid", record, person)
        if hasUID { json.observe(isActor ? "actor.user.uid" : "user.uid", .userUID) }
        if !json.field("uid_alt", event, fields.principalID), hasARN { json.token("uid_alt", record, person) }
        // A user needs a name, a uid or an account; a service that acts by itself has the name of the service.
        let hasName =
            json.field("name", event, fields.userName)
            || json.token("name", record, record.member("UserName", of: members.additionalEventData))
            || json.field("name", event, fields.issuerName) || json.field("name", event, fields.invokedBy)
        if hasName {
            json.observe(isActor ? "actor.user.name" : "user.name", .userName)
        } else if !hasUID, !event.hasText(fields.userAccountID) {
            json.literal("name", "Unknown")
        }
        if event.hasText(fields.userAccountID) {
            writeAccount(event, fields.userAccountID, to: &json)
        }
        let hasCredential =
            json.field("credential_uid", event, fields.accessKeyID)
            || json.token("credential_uid", record, record.member("credentialId", of: members.userIdentity))
        if hasCredential { json.observe(isActor ? "actor.user.credential_uid" : "user.credential_uid", .credentialUID) }
        json.end()
    }

    private func writeSession(_ event: EventView, to json: inout OCSFWriter) {
        let created = created(event)
        let usedMFA = usedMFA(event)
        guard created != nil || usedMFA != nil || event.hasText(fields.issuerARN) else { return }
        json.begin("session")
        if let created { json.integer("created_time", created.milliseconds) }
        if let usedMFA { json.bool("is_mfa", usedMFA) }
        json.field("issuer", event, fields.issuerARN)
        json.end()
    }

    func usedMFA(_ event: EventView) -> Bool? {
        event.flag(fields.sessionMFA) ?? event.flag(fields.mfaUsed)
    }

    private func created(_ event: EventView) -> Timestamp? {
        let value = event[fields.sessionCreated]
        // The longest form has 35 bytes; what is longer is no time, and need not be copied.
        guard value.isText, value.length <= 64 else { return nil }
        let text = unsafe event.bytes(of: value).withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        return Timestamp(rfc3339: text)
    }

    /// Who vouched for the user: a provider of federated identities, or the directory of Identity Center.
    private func writeIdentityProvider(_ event: EventView, _ members: RecordMembers, to json: inout OCSFWriter) {
        let record = event.recordBytes
        let session = record.member("sessionContext", of: members.userIdentity)
        let provider =
            record.member("identityProvider", of: members.userIdentity)
            ?? record.member("federatedProvider", of: record.member("webIdFederationData", of: session))
            ?? record.member("SamlProviderArn", of: members.additionalEventData)
        if let provider {
            json.begin("idp")
            json.token("name", record, provider)
            json.token("uid", record, provider)
            json.end()
            return
        }
        let person = record.member("onBehalfOf", of: members.userIdentity)
        guard let store = record.member("identityStoreArn", of: person) else { return }
        json.begin("idp")
        json.literal("name", "IAM Identity Center")
        json.token("uid", record, store)
        json.end()
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
        // Roles and accounts are none of OCSF's kinds; the name of the kind is beside it.
        return isUser ? 1 : 99
    }
}
