import JSON
import TelemetryModel

/// The members of `metadata` that say what made a record, as bytes that are the same in each: `tags` with the digests of settings and
/// resources, and `transformation_info_list` with the program.
struct AuditMaker: Sendable {
    let tags: [UInt8]?
    let transformations: [UInt8]

    init(_ provenance: Provenance) {
        let digests = [
            ("tidewatch.settings.sha256", provenance.settings), ("tidewatch.resources.sha256", provenance.resources),
        ].compactMap { name, value in value.map { (name, $0) } }
        if digests.isEmpty {
            tags = nil
        } else {
            var json = JSONWriter()
            json.beginArray()
            for (name, value) in digests {
                json.beginObject()
                json.member("name", name)
                json.member("value", value)
                json.endObject()
            }
            json.endArray()
            tags = json.bytes
        }
        var json = JSONWriter()
        json.beginArray()
        json.beginObject()
        json.member("name", "CloudTrail to OCSF")
        json.key("product")
        json.beginObject()
        json.member("name", "Tidewatch")
        json.member("vendor_name", "Tidewatch")
        json.member("version", provenance.version)
        if let commit = provenance.commit { json.member("uid", commit) }
        json.endObject()
        json.endObject()
        json.endArray()
        transformations = json.bytes
    }
}
