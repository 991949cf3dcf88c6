import TelemetryModel

/// The `metadata` of a document or of an object written inline.
struct ResourceMetadata {
    /// As it is written.
    var name: String
    /// Whether the name is a DNS label; that it is not has been reported.
    var isNameValid: Bool
    var nameReader: NodeReader
    /// Without the `description` that stands in a spec.
    var description: ResourceDescription

    /// `nil` when the name is none.
    var validName: String? { isNameValid ? name : nil }

    /// Reads the mapping under `metadata`; `nil` when there is no name.
    static func read(_ fields: MappingReader) -> ResourceMetadata? {
        guard let reader = fields.required("metadata", example: "{name: my-name}"),
            let metadata = reader.mapping()
        else { return nil }
        let nameReader = metadata.required("name", example: "my-name")
        var description = ResourceDescription()
        description.displayName = metadata.optional("displayName")?.string()
        description.labels = metadata.optional("labels").map(readLabels) ?? [:]
        description.annotations = metadata.optional("annotations").map(readAnnotations) ?? [:]
        metadata.finish()
        let bytes = description.bytes
        if bytes > ResourceDescription.bytesMax {
            metadata.node.report(
                "labels and annotations have \(bytes) bytes",
                "shorten them to at most \(ResourceDescription.bytesMax), for alerts carry them")
        }
        guard let nameReader, let name = nameReader.string() else { return nil }
        let isNameValid = isLabel(name)
        if !isNameValid {
            nameReader.report(
                "the name \"\(YAMLNode.shortened(name))\" is no DNS label",
                "use at most 63 lower-case letters, digits and hyphens, with a letter or digit at both ends"
                    + (suggestedLabel(for: name).map { ", such as \"\($0)\"" } ?? ""))
        }
        return ResourceMetadata(
            name: name, isNameValid: isNameValid, nameReader: nameReader, description: description)
    }

    /// RFC 1123 labels, which is what OpenSLO and Kubernetes ask of names.
    static func isLabel(_ name: String) -> Bool {
        let bytes = Array(name.utf8)
        guard (1...63).contains(bytes.count), bytes.first != 0x2D, bytes.last != 0x2D else { return false }
        return bytes.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D }
    }

    /// `AlbAvailability_v1` as `alb-availability-v1`; `nil` when nothing is left.
    private static func suggestedLabel(for name: String) -> String? {
        var label = ""
        var previousIsLower = false
        for scalar in name.unicodeScalars.prefix(63) {
            let isLetterOrDigit = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            guard isLetterOrDigit else {
                if label.last != "-", !label.isEmpty { label += "-" }
                previousIsLower = false
                continue
            }
            let isUpper = scalar.properties.isUppercase
            if isUpper, previousIsLower { label += "-" }
            label += String(scalar).lowercased()
            previousIsLower = !isUpper
        }
        while label.last == "-" { label.removeLast() }
        return isLabel(label) ? label : nil
    }

    private static func readLabels(_ reader: NodeReader) -> [String: String] {
        var labels: [String: String] = [:]
        for (name, value) in reader.mapping()?.all() ?? [] where !value.node.isNull {
            if case .sequence = value.node.content {
                labels[name] = value.list()?.compactMap { $0.string() }.joined(separator: ",")
            } else {
                labels[name] = value.string()
            }
        }
        return labels
    }

    private static func readAnnotations(_ reader: NodeReader) -> [String: String] {
        var annotations: [String: String] = [:]
        for (name, value) in reader.mapping()?.all() ?? [] where !value.node.isNull {
            let text = value.string()
            if !name.hasPrefix("tidewatch.dev/") { annotations[name] = text }
        }
        return annotations
    }
}

extension ResourceDescription {
    /// Of labels and annotations, names included.
    fileprivate var bytes: Int {
        (Array(labels) + Array(annotations)).reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    }
}
