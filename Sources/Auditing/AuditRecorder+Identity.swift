import TelemetryModel

// What events of OCSF's category Identity & Access Management have beside the rest: whom they are about.
extension AuditRecorder {
    /// Writes the user that signs in, how, and to what.
    func writeAuthentication(_ event: EventView, _ members: RecordMembers, to json: inout OCSFWriter) {
        let record = event.recordBytes
        writeCaller("user", event, members, isActor: false, to: &json)
        // What is signed in to is required.
        json.begin("service")
        if !json.field("name", event, fields.eventSource) { json.literal("name", "Unknown") }
        json.end()
        if let usedMFA = usedMFA(event) { json.bool("is_mfa", usedMFA) }
        guard let type = record.member("CredentialType", of: members.additionalEventData) else { return }
        let factor = AuthenticationFactor(credentialType: record.extracting(type))
        json.beginArray("auth_factors")
        json.begin()
        if let caption = factor.caption {
            json.literal("factor_type", caption)
        } else {
            json.token("factor_type", record, type)
        }
        json.integer("factor_type_id", factor.id)
        json.end()
        json.endArray()
    }

    /// Writes the user or the role that is changed, what came of it, and the policies of the change.
    func writeAccountChange(
        _ event: EventView, _ members: RecordMembers, _ change: AccountChange, to json: inout OCSFWriter
    ) {
        let record = event.recordBytes
        let request = members.requestParameters
        let response = members.responseElements
        let entity = record.member(of: response, "user", "role")
        let name =
            record.member(of: request, "userName", "roleName", "username")
            ?? record.member(of: entity, "userName", "roleName", "username")
        let uid =
            record.member(of: entity, "arn", "userId") ?? record.member("userId", of: request)
            ?? record.member("userId", of: response)
        if name == nil, uid == nil, change.isOwnByDefault {
            writeCaller("user", event, members, isActor: false, to: &json)
        } else {
            json.begin("user")
            writeTarget(event, change.target, name: name, uid: uid, to: &json)
            let key =
                record.member("accessKeyId", of: request)
                ?? record.member("accessKeyId", of: record.member("accessKey", of: response))
            if json.token("credential_uid", record, key) { json.observe("user.credential_uid", .credentialUID) }
            json.end()
        }
        writeResult(event, members, entity: entity, oldUID: uid, to: &json)
        writePolicies(of: record, request, to: &json)
    }

    private func writeTarget(
        _ event: EventView, _ target: AccountChange.Target, name: Range<Int>?, uid: Range<Int>?,
        to json: inout OCSFWriter
    ) {
        let record = event.recordBytes
        switch target {
        case .user:
            json.literal("type", "User")
            json.integer("type_id", 1)
        case .role:
            json.literal("type", "Role")
            json.integer("type_id", 99)
        }
        if json.token("uid", record, uid) { json.observe("user.uid", .userUID) }
        if json.token("name", record, name) {
            json.observe("user.name", .userName)
        } else if uid == nil {
            json.literal("name", "Unknown")
        }
        if event.hasText(fields.recipientAccountID) {
            writeAccount(event, fields.recipientAccountID, to: &json)
        } else if event.hasText(fields.userAccountID) {
            writeAccount(event, fields.userAccountID, to: &json)
        }
    }

    /// Writes the user or the role as it is after the change, where the event says so.
    private func writeResult(
        _ event: EventView, _ members: RecordMembers, entity: Range<Int>?,
        oldUID: Range<Int>?, to json: inout OCSFWriter
    ) {
        let record = event.recordBytes
        let newName =
            record.member("newUserName", of: members.requestParameters)
            ?? record.member(of: entity, "userName", "roleName", "username")
        let uid = record.member(of: entity, "arn", "userId") ?? record.member("userId", of: members.responseElements)
        guard newName != nil || uid != nil else { return }
        json.begin("user_result")
        json.token("uid", record, uid)
        json.token("uid_alt", record, record.member(of: entity, "userId", "roleId"))
        json.token("name", record, newName)
        json.end()
    }

    private func writePolicies(of record: RawSpan, _ request: Range<Int>?, to json: inout OCSFWriter) {
        let uid = record.member(of: request, "policyArn", "permissionsBoundary")
        let name = record.member("policyName", of: request)
        guard uid != nil || name != nil else { return }
        json.beginArray("policies")
        json.begin()
        json.token("uid", record, uid)
        json.token("name", record, name)
        json.end()
        json.endArray()
    }
}
