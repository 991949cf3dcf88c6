import TelemetryModel
import Text

/// One document of a known kind: what it is, what it is called, and its `spec` still to be read.
struct ResourceDocument {
    var kind: ResourceKind
    /// Empty when it is missing.
    var name: String
    /// Whether the resource can be used; one that can't be is still read, for the problems in its `spec`.
    var isNameValid: Bool
    /// Where the name stands, for problems about the resource as a whole.
    var nameReader: NodeReader
    /// Without the `description` that stands in a spec.
    var description: ResourceDescription
    /// The value of `spec`; `nil` when it is empty, which only a kind without required fields allows.
    var spec: NodeReader?
    var root: NodeReader

    /// Reads `apiVersion`, `kind`, `metadata` and finds `spec`. Problems are reported; `nil` when the kind can't be
    /// told.
    static func read(_ root: NodeReader) -> ResourceDocument? {
        guard let fields = root.mapping() else { return nil }
        // A document of another format has keys of its own, which are no mistakes.
        guard hasKnownVersion(fields) else { return nil }
        let kind = readKind(fields)
        let metadata = ResourceMetadata.read(fields)
        let spec = fields.optional("spec")
        fields.finish()
        guard let kind else { return nil }
        return ResourceDocument(
            kind: kind, name: metadata?.name ?? "", isNameValid: metadata?.isNameValid ?? false,
            nameReader: metadata?.nameReader ?? root,
            description: metadata?.description ?? ResourceDescription(), spec: spec, root: root)
    }

    /// Whether the API version is one of those read, or missing, which is reported with the other keys.
    private static func hasKnownVersion(_ fields: MappingReader) -> Bool {
        let versions = [ResourceKind.openSLOVersion, ResourceKind.tidewatchVersion]
        guard let reader = fields.optional("apiVersion"), let version = reader.scalar, !versions.contains(version)
        else {
            return true
        }
        let isOtherOpenSLO = version.hasPrefix("openslo/") || version.hasPrefix("openslo.com/")
        reader.report(
            "apiVersion \"\(YAMLNode.shortened(version))\" is not supported",
            isOtherOpenSLO
                ? "rewrite the document as \(ResourceKind.openSLOVersion)"
                : EditDistance.nearest(to: version, among: versions).map { "did you mean \"\($0)\"?" }
                    ?? "use one of: \(versions.joined(separator: ", "))")
        return false
    }

    private static func readKind(_ fields: MappingReader) -> ResourceKind? {
        let version = fields.required("apiVersion", example: ResourceKind.openSLOVersion)?.string()
        let reader = fields.required("kind", example: "SLO")
        guard let version, let reader, let kind = reader.string() else { return nil }
        let openSLOKinds = ResourceKind.OpenSLO.allCases.map(\.rawValue)
        let tidewatchKinds = ResourceKind.Tidewatch.allCases.map(\.rawValue)
        if version == ResourceKind.openSLOVersion {
            if let known = ResourceKind.OpenSLO(rawValue: kind) { return .openSLO(known) }
            reportUnknown(
                kind, at: reader, version: version, kinds: openSLOKinds, elsewhere: ResourceKind.tidewatchVersion,
                tidewatchKinds)
        } else {
            if let known = ResourceKind.Tidewatch(rawValue: kind) { return .tidewatch(known) }
            if ResourceKind.unsupportedTidewatchKinds.contains(kind) {
                reader.report(
                    "kind \"\(kind)\" is not supported by this version", "remove the document, or keep it elsewhere")
            } else {
                reportUnknown(
                    kind, at: reader, version: version, kinds: tidewatchKinds,
                    elsewhere: ResourceKind.openSLOVersion, openSLOKinds)
            }
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
