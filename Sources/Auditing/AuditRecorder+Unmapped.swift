import JSON
import TelemetryModel
import Text

// What the schema has no attribute for is kept as it was, under its own names.
extension AuditRecorder {
    func writeUnmapped(of record: RawSpan, _ eventClass: OCSFClass, to json: inout OCSFWriter) {
        let start = json.mark
        json.begin("unmapped")
        let inside = json.bytes.count
        let limit = inside + AuditLimits.dataBytesMax
        writeRest(of: 0..<record.byteCount, in: record, .record(eventClass), limit: limit, to: &json)
        if json.bytes.count > inside { json.end() } else { json.goBack(to: start) }
    }

    /// Writes the members of an object that are not mapped; of those that are mapped in part, the rest.
    private func writeRest(
        of object: Range<Int>, in record: RawSpan, _ level: MappedLevel, limit: Int, to json: inout OCSFWriter
    ) {
        record.forEachMember(of: object) { key, value in
            guard record.isMeaningful(value) else { return }
            switch level.mapping(of: record.extracting(key)) {
            case .whole: return
            case .partly(let below) where record.byte(value.lowerBound) == UInt8(ascii: "{"):
                let start = json.mark
                json.begin(key, of: record)
                let inside = json.bytes.count
                writeRest(of: value, in: record, below, limit: limit, to: &json)
                if json.bytes.count > inside { json.end() } else { json.goBack(to: start) }
            case .partly, .nowhere:
                let room = limit - json.bytes.count
                if room > 0 {
                    json.member(key, value, of: record, max: room)
                } else {
                    json.isTruncated = true
                }
            }
        }
    }
}

/// A level of the record whose members are known to be mapped, or not.
private enum MappedLevel {
    case record(OCSFClass)
    case userIdentity
    case onBehalfOf
    case sessionContext
    case sessionIssuer
    case sessionAttributes
    case webIdentity

    enum Mapping {
        case whole
        case partly(MappedLevel)
        case nowhere
    }

    func mapping(of key: RawSpan) -> Mapping {
        switch self {
        case .record(let eventClass):
            if key.isEqual("userIdentity") { return .partly(.userIdentity) }
            // Only API Activity has resources.
            if key.isEqual("resources") { return eventClass == .apiActivity ? .whole : .nowhere }
            return isOne(key, of: MappedLevel.recordFields)
        case .userIdentity:
            if key.isEqual("sessionContext") { return .partly(.sessionContext) }
            if key.isEqual("onBehalfOf") { return .partly(.onBehalfOf) }
            return isOne(key, of: MappedLevel.identityFields)
        case .onBehalfOf: return isOne(key, of: ["userId", "identityStoreArn"])
        case .sessionContext:
            if key.isEqual("sessionIssuer") { return .partly(.sessionIssuer) }
            if key.isEqual("attributes") { return .partly(.sessionAttributes) }
            return key.isEqual("webIdFederationData") ? .partly(.webIdentity) : .nowhere
        case .sessionIssuer: return isOne(key, of: ["arn", "userName"])
        case .sessionAttributes: return isOne(key, of: ["creationDate", "mfaAuthenticated"])
        case .webIdentity: return isOne(key, of: ["federatedProvider"])
        }
    }

    private func isOne(_ key: RawSpan, of names: [StaticString]) -> Mapping {
        for name in names where key.isEqual(name) { return .whole }
        return .nowhere
    }

    private static let recordFields: [StaticString] = [
        "eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent",
        "errorCode",
        "errorMessage", "requestID", "eventID", "eventType", "apiVersion", "recipientAccountId", "sharedEventID",
        "eventCategory", "vpcEndpointId", "vpcEndpointAccountId", "requestParameters", "responseElements",
    ]
    private static let identityFields: [StaticString] = [
        "type", "userName", "principalId", "arn", "accountId", "accessKeyId", "invokedBy", "credentialId",
        "identityProvider",
    ]
}
