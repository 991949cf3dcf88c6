import TelemetryModel

/// Reads one of `inputs`.
enum InputSettingsReader {
    static func read(_ reader: NodeReader, outputTopics: [String], before: [InputSettings]) -> InputSettings? {
        guard let fields = reader.mapping() else { return nil }
        let topicReader = fields.required("topic", example: "cloudtrail")
        let formatReader = fields.optional("format")
        let flowFieldsReader = fields.optional("flowFields")
        fields.finish()

        let format = formatReader?.choice(InputSettings.Format.self)
        let flowFields = flowFieldsReader.flatMap(readFlowFields)
        if let flowFieldsReader, let format, format != .auto, format != .vpcFlow {
            flowFieldsReader.report("\"flowFields\" goes with vpc-flow and auto alone", "remove it")
        }
        guard let topicReader, let topic = topicReader.nonEmptyString() else { return nil }
        if !isTopicName(topic) {
            topicReader.report(
                "\"\(YAMLNode.shortened(topic))\" can't be a topic's name",
                "use at most 249 letters, digits, \".\", \"_\" and \"-\"")
            return nil
        }
        if outputTopics.contains(topic) {
            topicReader.report(
                "the topic \"\(topic)\" is one that Tidewatch writes", "read another topic, or change outputs.prefix")
            return nil
        }
        if before.contains(where: { $0.topic == topic }) {
            topicReader.report("the topic \"\(topic)\" is an input already", "remove one of them")
            return nil
        }
        var settings = InputSettings(topic: topic)
        settings.format = format ?? settings.format
        settings.flowFields = flowFields
        return settings
    }

    /// What Kafka takes as a topic's name.
    static func isTopicName(_ name: String) -> Bool {
        guard (1...249).contains(name.utf8.count), name != ".", name != ".." else { return false }
        return name.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2E || byte == 0x5F || byte == 0x2D
        }
    }

    /// Names with blanks between them, or a list of names.
    private static func readFlowFields(_ reader: NodeReader) -> [FlowLogField]? {
        let names: [(String, NodeReader)]
        if case .sequence = reader.node.content {
            names = reader.list()?.compactMap { element in element.nonEmptyString().map { ($0, element) } } ?? []
        } else {
            guard let text = reader.nonEmptyString() else { return nil }
            names = text.split(whereSeparator: \.isWhitespace).map { (fieldName(String($0)), reader) }
        }
        var fields: [FlowLogField] = []
        for (name, reader) in names {
            guard let field = FlowLogField(name: name) else {
                let known = FlowLogField.allCases.map(\.hyphenName)
                reader.report(
                    "flow logs have no field \"\(YAMLNode.shortened(name))\"",
                    EditDistance.nearest(to: name, among: known).map { "did you mean \"\($0)\"?" }
                        ?? "use the names of the VPC user guide, such as account-id")
                return nil
            }
            if fields.contains(field) {
                reader.report("the field \"\(name)\" is there twice", "remove one of them")
                return nil
            }
            fields.append(field)
        }
        if fields.isEmpty {
            reader.report("the field list is empty", "write the fields in the order of the records, or remove the key")
            return nil
        }
        return fields
    }

    /// AWS's own form of a field list is `${srcaddr} ${dstaddr}`, which reaches here with its references doubled.
    private static func fieldName(_ text: String) -> String {
        text.hasPrefix("${") && text.hasSuffix("}") ? String(text.dropFirst(2).dropLast()) : text
    }
}
