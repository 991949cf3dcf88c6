import JSON

/// What made a record or a report: the build, and the configuration that it had. So an auditor can tell which program counted, and by
/// which rules.
public struct Provenance: Sendable, Equatable {
    /// The release, such as "0.2.0".
    public var version: String
    /// The commit that it was built from; `nil` where that is not known.
    public var commit: String?
    /// SHA-256 of the settings file as it is written, in hexadecimal; `nil` without one.
    public var settings: String?
    /// SHA-256 over the files of resources, in hexadecimal, whatever their names and order; `nil` without one.
    public var resources: String?

    public init(version: String, commit: String?, settings: String? = nil, resources: String? = nil) {
        self.version = version
        self.commit = commit
        self.settings = settings
        self.resources = resources
    }

    /// `{"version":"0.2.0","commit":null,"settings_sha256":"…","resources_sha256":"…"}`, with null for what is not known.
    public func write(to json: inout JSONWriter) {
        json.beginObject()
        json.member("version", version)
        for (key, value) in [
            ("commit", commit), ("settings_sha256", settings), ("resources_sha256", resources),
        ] {
            json.key(key)
            if let value { json.string(value) } else { json.null() }
        }
        json.endObject()
    }

    /// For people: what is not known is said.
    public var sentence: String {
        "Made by tidewatch \(version), commit \(commit ?? "unknown"), with "
            + (settings.map { "settings sha256 \($0)" } ?? "no settings") + " and "
            + (resources.map { "resources sha256 \($0)" } ?? "no resources")
    }
}
