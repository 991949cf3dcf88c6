import TelemetryModel

extension AuditRecorder {
    /// Whether the event belongs in the audit trail.
    ///
    /// - A management write: `managementEvent` is true, or absent in an event of no other category, and `readOnly` is false.
    ///   Where an event has no `readOnly`, it is a write when its verb is none that reads, or when a service reports what it did
    ///   by itself (`AwsServiceEvent`).
    /// - A failure: there is an `errorCode` or an `errorMessage`, whatever was called.
    /// - A sign-in, or another event of signing in: type `AwsConsoleSignIn`, the source signin.amazonaws.com, or IAM Identity
    ///   Center's authentication events.
    /// - A read of secrets or credentials: see `SensitiveRead`.
    ///
    /// Insights events report rates of calls, and are never audited.
    public func isAuditable(_ event: borrowing EventView) -> Bool {
        let event = copy event
        if event.isText(fields.eventCategory, "Insight") { return false }
        if event.hasText(fields.errorCode) || event.hasText(fields.errorMessage) { return true }
        if isWrite(event), isManagement(event) { return true }
        return isSignIn(event) || isSensitiveRead(event)
    }

    private func isManagement(_ event: EventView) -> Bool {
        if let said = event.flag(fields.managementEvent) { return said }
        return !event.hasText(fields.eventCategory) || event.isText(fields.eventCategory, "Management")
    }

    private func isWrite(_ event: EventView) -> Bool {
        if let said = event.flag(fields.readOnly) { return !said }
        if event.isText(fields.eventType, "AwsServiceEvent") { return true }
        let operation = event[fields.eventName]
        return operation.isText && operation.length > 0 && !OCSFActivity.isRead(event.bytes(of: operation))
    }

    private func isSensitiveRead(_ event: EventView) -> Bool {
        let operation = event[fields.eventName]
        guard operation.isText else { return false }
        switch SensitiveRead(operation: event.bytes(of: operation)) {
        case nil: return false
        case .credentials: return true
        case .parameter:
            let record = event.recordBytes
            let request = record.member("requestParameters", of: 0..<record.byteCount)
            return record.member("withDecryption", of: request).map { record.extracting($0).isEqual("true") } ?? false
        }
    }

    func isSignIn(_ event: EventView) -> Bool {
        if event.isText(fields.eventType, "AwsConsoleSignIn") { return true }
        if event.isText(fields.eventSource, "signin.amazonaws.com") { return true }
        guard event.isText(fields.eventSource, "sso.amazonaws.com") else { return false }
        let operation = event[fields.eventName]
        return operation.isText && SignInActivity(operation: event.bytes(of: operation)) != .other
    }

    /// Whether the call failed. Sign-ins and services may say so in a member of their own alone:
    /// `"responseElements": {"ConsoleLogin": "Failure"}`, `"serviceEventDetails": {"CredentialVerification": "Failure"}`.
    func isFailure(_ event: EventView, _ members: RecordMembers) -> Bool {
        if event.hasText(fields.errorCode) || event.hasText(fields.errorMessage) { return true }
        let record = event.recordBytes
        if let details = members.serviceEventDetails, record.hasFailure(in: details) { return true }
        guard isSignIn(event), let response = members.responseElements else { return false }
        return record.hasFailure(in: response)
    }
}

/// Reads that hand out secrets or credentials: recorded although they change nothing, as a reader who asks what an intruder
/// got needs them. KMS's `Decrypt` is none of them: most accounts have more of it than of everything else.
enum SensitiveRead {
    /// Its answer is a secret, or lets the caller act as somebody.
    case credentials
    /// Reads parameters of Systems Manager: sensitive when they are decrypted.
    case parameter

    init?(operation: RawSpan) {
        if operation.hasPrefix("AssumeRo") {
            self = .credentials
        } else if operation.hasPrefix("GetParameter") {
            guard SensitiveRead.isOne(operation, of: SensitiveRead.parameters) else { return nil }
            self = .parameter
        } else {
            guard SensitiveRead.isOne(operation, of: SensitiveRead.credentialed) else { return nil }
            self = .credentials
        }
    }

    private static func isOne(_ operation: RawSpan, of names: [StaticString]) -> Bool {
        for name in names where operation.isEqual(name) { return true }
        return false
    }

    private static let parameters: [StaticString] = [
        "GetParameter", "GetParameters", "GetParametersByPath", "GetParameterHistory",
    ]

    private static let credentialed: [StaticString] = [
        // Secrets Manager; STS; IAM Identity Center; EC2; Redshift, also serverless; Lightsail.
        "GetSecretValue", "BatchGetSecretValue", "GetSessionToken", "GetFederationToken", "GetRoleCredentials",
        "GetPasswordData", "GetClusterCredentials", "GetClusterCredentialsWithIAM", "GetCredentials",
        "GetInstanceAccessDetails", "DownloadDefaultKeyPair",
    ]
}

extension RawSpan {
    /// Whether a member of the object says "Failure".
    fileprivate func hasFailure(in object: Range<Int>) -> Bool {
        var found = false
        forEachMember(of: object) { _, value in
            if extracting(value).isEqual("\"Failure\"") { found = true }
        }
        return found
    }
}
