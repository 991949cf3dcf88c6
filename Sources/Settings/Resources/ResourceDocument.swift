import TelemetryModel

/// One document of a known kind with a valid head: what it is, what it is called, and its `spec` still to be read.
struct ResourceDocument {
    var kind: ResourceKind
    var name: String
    /// Where the name stands, for problems about the resource as a whole.
    var nameReader: NodeReader
    var displayName: String?
    /// The value of `spec`; `nil` when it is empty, which only a kind without required fields allows.
    var spec: NodeReader?
    var root: NodeReader

    /// Reads `apiVersion`, `kind`, `metadata` and finds `spec`. Problems are reported; `nil` when the kind or the name
    /// can't be told.
    static func read(_ root: NodeReader) -> ResourceDocument? {
        guard let fields = root.mapping() else { return nil }
        let kind = readKind(fields)
        let metadata = ResourceMetadata.read(fields)
        let spec = fields.optional("spec")
        fields.finish()
        guard let kind, let metadata else { return nil }
        return ResourceDocument(
            kind: kind, name: metadata.name, nameReader: metadata.nameReader, displayName: metadata.displayName,
            spec: spec, root: root)
    }

    private static func readKind(_ fields: MappingReader) -> ResourceKind? {
        let versionReader = fields.required("apiVersion", example: ResourceKind.openSLOVersion)
        let kindReader = fields.required("kind", example: "SLO")
        guard let versionReader, let version = versionReader.string() else { return nil }
        let kind = kindReader?.string()
        switch version {
        case ResourceKind.openSLOVersion:
            guard let kindReader, let kind else { return nil }
            if let known = ResourceKind.OpenSLO(rawValue: kind) { return .openSLO(known) }
            reportUnknown(
                kind, at: kindReader, version: version, kinds: ResourceKind.OpenSLO.allCases.map(\.rawValue),
                elsewhere: ResourceKind.tidewatchVersion, ResourceKind.Tidewatch.allCases.map(\.rawValue))
        case ResourceKind.tidewatchVersion:
            guard let kindReader, let kind else { return nil }
            if let known = ResourceKind.Tidewatch(rawValue: kind) { return .tidewatch(known) }
            if ResourceKind.unsupportedTidewatchKinds.contains(kind) {
                kindReader.report(
                    "kind \"\(kind)\" is not supported by this version", "remove the document, or keep it elsewhere")
                return nil
            }
            reportUnknown(
                kind, at: kindReader, version: version, kinds: ResourceKind.Tidewatch.allCases.map(\.rawValue),
                elsewhere: ResourceKind.openSLOVersion, ResourceKind.OpenSLO.allCases.map(\.rawValue))
        default:
            let versions = [ResourceKind.openSLOVersion, ResourceKind.tidewatchVersion]
            let isOtherOpenSLO = version.hasPrefix("openslo/") || version.hasPrefix("openslo.com/")
            versionReader.report(
                "apiVersion \"\(YAMLNode.shortened(version))\" is not supported",
                isOtherOpenSLO
                    ? "rewrite the document as \(ResourceKind.openSLOVersion)"
                    : EditDistance.nearest(to: version, among: versions).map { "did you mean \"\($0)\"?" }
                        ?? "use one of: \(versions.joined(separator: ", "))")
        }
        return nil
    }

    private static func reportUnknown(
        _ kind: String, at reader: NodeReader, version: String, kinds: [String], elsewhere other: String,
        _ otherKinds: [String]
    ) {
        let suggestion =
            if otherKinds.contains(kind) {
                "set apiVersion to \(other)"
            } else if let near = EditDistance.nearest(to: kind, among: kinds) {
                "did you mean \"\(near)\"?"
            } else {
                "use one of: \(kinds.joined(separator: ", "))"
            }
        reader.report("unknown kind \"\(YAMLNode.shortened(kind))\" of \(version)", suggestion)
    }

    /// The mapping under `spec`; a missing one is reported.
    func specFields() -> MappingReader? {
        guard let spec else {
            root.report("\"spec\" is missing", "add \"spec:\" with the fields of kind \(kind.name)")
            return nil
        }
        return spec.mapping()
    }
}
