/// Reads `sinks` and `pagerDuty`.
struct SinkSettingsReader {
    let files: SecretFiles
    /// The kinds of destinations, of whose keys an entry of `sinks` has one.
    let kinds: [any SinkDestination.Type]

    /// What `pagerDuty` says, and then `sinks`.
    func read(_ fields: MappingReader) -> [SinkSettings] {
        var sinks: [SinkSettings] = []
        if let kind = kinds.first(where: { $0.key == "pagerDuty" }), let settings = read(kind, in: fields) {
            sinks.append(SinkSettings(name: SinkSettings.pagerDutyName, destination: settings))
        }
        guard let reader = fields.optional("sinks"), let elements = reader.list() else { return sinks }
        if elements.count > SinkSettings.countMax {
            reader.report("there are \(elements.count) sinks", "keep \(SinkSettings.countMax) at most")
        }
        for element in elements {
            guard let sink = element.mapping().flatMap(readSink) else { continue }
            if sinks.contains(where: { $0.name == sink.name }) {
                element.report("there is another sink of this name", "give each a name of its own")
            }
            sinks.append(sink)
        }
        return sinks
    }

    private func readSink(_ fields: MappingReader) -> SinkSettings? {
        let nameReader = fields.required("name", example: "on-call")
        let name = nameReader?.nonEmptyString()
        let given = kinds.filter { fields.has($0.key) }
        let destinations = kinds.compactMap { read($0, in: fields) }
        fields.finish()
        if given.count != 1 {
            let all = kinds.map { "\"\($0.key)\"" }.joined(separator: " or ")
            fields.node.report(
                given.isEmpty ? "the sink has no destination" : "the sink has \(given.count) destinations",
                "give it one of \(all)")
        }
        guard let name, let nameReader else { return nil }
        guard SinkSettingsReader.isName(name) else {
            nameReader.report(
                "\(nameReader.quoted(name)) can't be a sink's name",
                "use small letters, digits and \"-\", \(SinkSettings.nameCharactersMax) at most")
            return nil
        }
        return destinations.first.map { SinkSettings(name: name, destination: $0) }
    }

    private func read(_ kind: any SinkDestination.Type, in fields: MappingReader) -> (any SinkDestination)? {
        fields.optional(kind.key)?.mapping().flatMap { kind.init($0, files) }
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= SinkSettings.nameCharactersMax
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
