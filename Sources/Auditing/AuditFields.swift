import TelemetryModel

/// The slots of CloudTrail's fields that audit records are made of.
struct AuditFields: Sendable {
    let eventVersion: Int
    let eventTime: Int
    let eventSource: Int
    let eventName: Int
    let eventID: Int
    let eventType: Int
    let eventCategory: Int
    let region: Int
    let sourceAddress: Int
    let userAgent: Int
    let errorCode: Int
    let errorMessage: Int
    let requestID: Int
    let sharedEventID: Int
    let apiVersion: Int
    let managementEvent: Int
    let readOnly: Int
    let recipientAccountID: Int
    let responseElements: Int
    let mfaUsed: Int

    let userType: Int
    let userName: Int
    let principalID: Int
    let userARN: Int
    let userAccountID: Int
    let accessKeyID: Int
    let invokedBy: Int
    let issuerARN: Int
    let issuerName: Int
    let sessionCreated: Int
    let sessionMFA: Int

    init(_ projection: inout ProjectionBuilder) {
        func slot(_ keys: String...) -> Int {
            projection.slot(for: FieldPath(keys.map(FieldPath.Component.key)))
        }
        eventVersion = slot("eventVersion")
        eventTime = slot("eventTime")
        eventSource = slot("eventSource")
        eventName = slot("eventName")
        eventID = slot("eventID")
        eventType = slot("eventType")
        eventCategory = slot("eventCategory")
        region = slot("awsRegion")
        sourceAddress = slot("sourceIPAddress")
        userAgent = slot("userAgent")
        errorCode = slot("errorCode")
        errorMessage = slot("errorMessage")
        requestID = slot("requestID")
        sharedEventID = slot("sharedEventID")
        apiVersion = slot("apiVersion")
        managementEvent = slot("managementEvent")
        readOnly = slot("readOnly")
        recipientAccountID = slot("recipientAccountId")
        responseElements = slot("responseElements")
        mfaUsed = slot("additionalEventData", "MFAUsed")

        userType = slot("userIdentity", "type")
        userName = slot("userIdentity", "userName")
        principalID = slot("userIdentity", "principalId")
        userARN = slot("userIdentity", "arn")
        userAccountID = slot("userIdentity", "accountId")
        accessKeyID = slot("userIdentity", "accessKeyId")
        invokedBy = slot("userIdentity", "invokedBy")
        issuerARN = slot("userIdentity", "sessionContext", "sessionIssuer", "arn")
        issuerName = slot("userIdentity", "sessionContext", "sessionIssuer", "userName")
        sessionCreated = slot("userIdentity", "sessionContext", "attributes", "creationDate")
        sessionMFA = slot("userIdentity", "sessionContext", "attributes", "mfaAuthenticated")
    }
}

extension EventView {
    /// Whether a slot holds text or a number that is not empty.
    func hasText(_ slot: Int) -> Bool {
        let value = self[slot]
        guard value.isPresent else { return false }
        return value.isText ? value.length > 0 : !value.isJSON
    }

    /// Whether a slot holds exactly this text.
    func isText(_ slot: Int, _ text: StaticString) -> Bool {
        let value = self[slot]
        return value.isText && bytes(of: value).isEqual(text)
    }

    /// The bytes of a text; none of what is no text.
    @_lifetime(copy self)
    func text(of value: FieldValue) -> RawSpan {
        value.isText ? bytes(of: value) : message.extracting(0..<0)
    }

    /// A truth value, written as a boolean or as text: services do both.
    func flag(_ slot: Int) -> Bool? {
        let value = self[slot]
        if value.kind == .bool { return value.boolValue }
        guard value.isText else { return nil }
        let text = bytes(of: value)
        if text.isEqual("true", ignoringCase: true) || text.isEqual("yes", ignoringCase: true) { return true }
        if text.isEqual("false", ignoringCase: true) || text.isEqual("no", ignoringCase: true) { return false }
        return nil
    }
}

extension RawSpan {
    /// Whether the bytes are exactly `text`, which is in lower case when case is ignored.
    func isEqual(_ text: StaticString, ignoringCase: Bool = false) -> Bool {
        byteCount == text.utf8CodeUnitCount && hasPrefix(text, ignoringCase: ignoringCase)
    }

    func hasPrefix(_ text: StaticString, ignoringCase: Bool = false) -> Bool {
        matches(text, at: 0, ignoringCase: ignoringCase)
    }

    func hasSuffix(_ text: StaticString) -> Bool {
        matches(text, at: byteCount - text.utf8CodeUnitCount)
    }

    private func matches(_ text: StaticString, at offset: Int, ignoringCase: Bool = false) -> Bool {
        let count = text.utf8CodeUnitCount
        guard offset >= 0, count <= byteCount - offset else { return false }
        return text.withUTF8Buffer { expected in
            for place in 0..<count {
                let found = byte(offset + place)
                let isUpper = ignoringCase && found >= 0x41 && found <= 0x5A
                let wanted = unsafe expected[place]
                if (isUpper ? found | 0x20 : found) != wanted { return false }
            }
            return true
        }
    }
}
