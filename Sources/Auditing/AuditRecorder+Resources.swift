import JSON
import TelemetryModel
import Text

// On what: the resources that CloudTrail names, and those that the request and the response name.
extension AuditRecorder {
    func writeResources(of record: RawSpan, _ members: RecordMembers, to json: inout OCSFWriter) {
        let start = json.mark
        json.beginArray("resources")
        var list = ResourceList(start: json.bytes.count)
        if let resources = members.resources { list.addDelivered(resources, of: record, to: &json) }
        if let request = members.requestParameters { list.addNamed(in: request, of: record, depth: 0, to: &json) }
        if let response = members.responseElements { list.addARNs(in: response, of: record, depth: 0, to: &json) }
        if list.isEmpty { json.goBack(to: start) } else { json.endArray() }
    }
}

/// Writes elements of `resources`, each once.
private struct ResourceList {
    /// Where the array's elements begin in the record.
    let start: Int
    /// The names and ARNs that were written, with their quotes.
    private var known: [Range<Int>] = []

    init(start: Int) {
        self.start = start
    }

    var isEmpty: Bool { known.isEmpty }

    /// The event's own `resources`: each with its ARN (or the prefix of one), type and owning account.
    mutating func addDelivered(_ resources: Range<Int>, of record: RawSpan, to json: inout OCSFWriter) {
        record.forEachElement(of: resources) { element in
            var uid: Range<Int>?
            var prefix: Range<Int>?
            var type: Range<Int>?
            var account: Range<Int>?
            record.forEachMember(of: element) { key, value in
                guard record.isText(value) else { return }
                let name = record.extracting(key)
                if name.isEqual("arn", ignoringCase: true) {
                    uid = value
                } else if name.isEqual("ARNPrefix") {
                    prefix = value
                } else if name.isEqual("type") {
                    type = value
                } else if name.isEqual("accountId") {
                    account = value
                }
            }
            guard let uid = uid ?? prefix, begin(uid, isUID: true, of: record, to: &json) else { return }
            json.token("type", record, type)
            if let account { json.owner(record, account: account) }
            json.end()
        }
    }

    /// What members of a request name: `bucketName`, `roleArn`, `keyId`, `instanceIds`, at the top also `name` and `id`. The type
    /// is the member's name without its ending.
    mutating func addNamed(in value: Range<Int>, of record: RawSpan, depth: Int, to json: inout OCSFWriter) {
        guard depth < AuditLimits.resourceDepthMax else { return }
        record.forEachElement(of: value) { addNamed(in: $0, of: record, depth: depth + 1, to: &json) }
        record.forEachMember(of: value) { key, value in
            let stem = ResourceName.stem(of: record.extracting(key), isAtTop: depth == 0)
            if record.isText(value) {
                if let stem { add(value, key.lowerBound..<(key.lowerBound + stem), of: record, to: &json) }
                return
            }
            if let stem {
                record.forEachElement(of: value) { element in
                    guard record.isText(element) else { return }
                    add(element, key.lowerBound..<(key.lowerBound + stem), of: record, to: &json)
                }
            }
            addNamed(in: value, of: record, depth: depth + 1, to: &json)
        }
    }

    /// The ARNs of what a call made: of a response's members, and of those one level below.
    mutating func addARNs(in value: Range<Int>, of record: RawSpan, depth: Int, to json: inout OCSFWriter) {
        guard depth < 2 else { return }
        record.forEachMember(of: value) { key, value in
            let name = record.extracting(key)
            if record.isText(value) {
                guard name.hasSuffix("Arn") || name.hasSuffix("ARN") || name.hasSuffix("aRN") || name.isEqual("arn"),
                    record.isARN(value)
                else { return }
                let stem = max(0, name.byteCount - 3)
                add(value, key.lowerBound..<(key.lowerBound + stem), of: record, to: &json)
            } else {
                addARNs(in: value, of: record, depth: depth + 1, to: &json)
            }
        }
    }

    private mutating func add(_ value: Range<Int>, _ type: Range<Int>, of record: RawSpan, to json: inout OCSFWriter) {
        guard !isKnown(value, of: record), begin(value, isUID: record.isARN(value), of: record, to: &json) else {
            return
        }
        if !type.isEmpty { json.text("type", record.extracting(type)) }
        json.end()
    }

    /// Begins an element with what it is called; `false`, and the record is marked, when there is no room.
    private mutating func begin(
        _ value: Range<Int>, isUID: Bool, of record: RawSpan, to json: inout OCSFWriter
    ) -> Bool {
        let isFull = known.count == AuditLimits.resourcesMax || json.bytes.count - start > AuditLimits.resourcesBytesMax
        guard !isFull else {
            json.isTruncated = true
            return false
        }
        json.begin()
        json.token(isUID ? "uid" : "name", record, value)
        json.observe("resources", isUID ? .resourceUID : .resourceName, element: known.count)
        known.append(value)
        return true
    }

    /// Whether the name, or an ARN that ends with it, is there already.
    private func isKnown(_ value: Range<Int>, of record: RawSpan) -> Bool {
        let name = (value.lowerBound + 1)..<(value.upperBound - 1)
        for other in known {
            let text = (other.lowerBound + 1)..<(other.upperBound - 1)
            guard text.count >= name.count else { continue }
            let rest = text.count - name.count
            if rest > 0 {
                let separator = record.byte(text.lowerBound + rest - 1)
                guard separator == UInt8(ascii: "/") || separator == UInt8(ascii: ":") else { continue }
            }
            if record.isSame((text.lowerBound + rest)..<text.upperBound, name) { return true }
        }
        return false
    }
}

/// Which members of a request name a resource.
private enum ResourceName {
    /// How many bytes of a member's name say what kind of resource it names; `nil` when it names none.
    static func stem(of key: RawSpan, isAtTop: Bool) -> Int? {
        for ending in endings where key.hasSuffix(ending) {
            let stem = key.byteCount - ending.utf8CodeUnitCount
            if stem == 0 { continue }
            for other in others where key.extracting(0..<stem).isEqual(other, ignoringCase: true) { return nil }
            return stem
        }
        guard isAtTop else { return nil }
        for name in bare where key.isEqual(name, ignoringCase: true) { return 0 }
        return nil
    }

    private static let endings: [StaticString] = [
        "Name", "Id", "ID", "Arn", "ARN", "Identifier", "Url", "Names", "Ids", "Arns", "ARNs", "Identifiers",
    ]
    private static let bare: [StaticString] = ["name", "id", "arn", "identifier"]
    /// Stems of names that are no resource's: of people, of hosts, of the request itself.
    private static let others: [StaticString] = [
        "account", "agent", "attribute", "awsservice", "column", "computer", "correlation", "display", "engine",
        "event",
        "family", "feature", "first", "given", "host", "last", "metric", "owner", "platform", "region", "request",
        "rolesession", "service", "session", "transaction",
    ]
}

extension RawSpan {
    /// Whether a string that is not empty is at a place.
    fileprivate func isText(_ place: Range<Int>) -> Bool {
        place.count > 2 && byte(place.lowerBound) == 0x22
            && !extracting(place).isEqual("\"HIDDEN_DUE_TO_SECURITY_REASONS\"")
    }

    fileprivate func isARN(_ place: Range<Int>) -> Bool {
        extracting(place).hasPrefix("\"arn:")
    }

    /// Whether two places of the same length hold the same bytes.
    fileprivate func isSame(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        for offset in 0..<left.count where byte(left.lowerBound + offset) != byte(right.lowerBound + offset) {
            return false
        }
        return true
    }
}
