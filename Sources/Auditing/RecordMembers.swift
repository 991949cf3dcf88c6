import JSON
import TelemetryModel

/// Where the members of a record are in its text that have no slot in the projection.
///
/// Of a key that a record repeats, the last counts.
struct RecordMembers {
    private(set) var userIdentity: Range<Int>?
    private(set) var requestParameters: Range<Int>?
    private(set) var responseElements: Range<Int>?
    private(set) var additionalEventData: Range<Int>?
    private(set) var serviceEventDetails: Range<Int>?
    private(set) var resources: Range<Int>?
    private(set) var vpcEndpointID: Range<Int>?
    private(set) var vpcEndpointAccountID: Range<Int>?

    init(_ record: RawSpan) {
        var found = RecordMembers()
        record.forEachMember(of: 0..<record.byteCount) { key, value in
            let name = record.extracting(key)
            if name.isEqual("userIdentity") {
                found.userIdentity = value
            } else if name.isEqual("requestParameters") {
                found.requestParameters = value
            } else if name.isEqual("responseElements") {
                found.responseElements = value
            } else if name.isEqual("additionalEventData") {
                found.additionalEventData = value
            } else if name.isEqual("serviceEventDetails") {
                found.serviceEventDetails = value
            } else if name.isEqual("resources") {
                found.resources = value
            } else if name.isEqual("vpcEndpointId") {
                found.vpcEndpointID = value
            } else if name.isEqual("vpcEndpointAccountId") {
                found.vpcEndpointAccountID = value
            }
        }
        self = found
    }

    private init() {}
}

extension RawSpan {
    /// The value of an object's member; `nil` when there is no object, no such member, or nothing in it.
    func member(_ name: StaticString, of object: Range<Int>?) -> Range<Int>? {
        guard let object else { return nil }
        var found: Range<Int>?
        forEachMember(of: object) { key, value in
            if extracting(key).isEqual(name) { found = value }
        }
        return found.flatMap { isMeaningful($0) ? $0 : nil }
    }

    /// The first of several members that is there.
    func member(of object: Range<Int>?, _ names: StaticString...) -> Range<Int>? {
        for name in names {
            if let value = member(name, of: object) { return value }
        }
        return nil
    }
}
