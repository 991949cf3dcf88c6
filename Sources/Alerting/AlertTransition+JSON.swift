import JSON
import TelemetryModel
import Text

// {"dedup_key":"slo/api/page/…","status":"open","severity":"critical","summary":"…","reason":"…","source":"api",
//  "component":null,"group":null,"class":"burn_rate","time":"2026-11-20T10:05:00Z","opened_at":"2026-11-20T10:05:00Z",
//  "labels":{},"details":{"long":{…},"short":{…}},"links":[{"href":"https://…","text":"Runbook"}],"sources":[],"version":1}

extension AlertTransition {
    /// The feed's record: one JSON object, its keys in a fixed order, without a line's end. Text from outside is as it came, its active
    /// characters as escapes.
    public var json: [UInt8] { json(in: .first) }

    public func json(in form: RecordForm) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.member("dedup_key", alert.dedupKey.text)
        json.member("status", alert.status.rawValue)
        json.member("severity", alert.severity.rawValue)
        json.member("summary", alert.summary)
        json.member("reason", reason)
        json.member("source", alert.source)
        // As 0.1.0 published them: the objective or the monitor, and the service.
        json.optional("component", alert.labels["objective"] ?? alert.labels["monitor"])
        json.optional("group", alert.labels["objective"] == nil ? nil : alert.labels["service"])
        json.optional("class", alert.kind)
        json.member("time", alert.time.description)
        json.member("opened_at", alert.openedAt.description)
        json.key("labels")
        AlertValue.write(alert.labels.mapValues(AlertValue.text), to: &json)
        if !alert.annotations.isEmpty {
            json.key("annotations")
            AlertValue.write(alert.annotations.mapValues(AlertValue.text), to: &json)
        }
        json.key("details")
        AlertValue.write(alert.details, to: &json)
        json.key("links")
        json.beginArray()
        for link in alert.links { link.write(to: &json) }
        json.endArray()
        json.key("sources")
        json.beginArray()
        for source in sources { source.write(to: &json) }
        json.endArray()
        if sourcesLeftOut > 0 { json.member("sources_left_out", sourcesLeftOut) }
        json.recordVersion(form.ofUndefined)
        json.endObject()
        return Inert.json(json.bytes)
    }
}

extension Alert.Link {
    package func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("href", href)
        if let text { json.member("text", text) }
        json.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func optional(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }
}
