import Decoding
import TelemetryModel
import Text

/// Reads one of `inputs`.
enum InputSettingsReader {
    /// - Parameter lateHorizonNanoseconds: after which nothing is counted that could be waited for.
    static func read(
        _ reader: NodeReader, outputTopics: [String], lateHorizonNanoseconds: Int64, taken: inout Set<String>
    ) -> InputSettings? {
        guard let fields = reader.mapping() else { return nil }
        let topicReader = fields.required("topic", example: "cloudtrail")
        let formatReader = fields.optional("format")
        let flowFieldsReader = fields.optional("flowFields")
        let latenessReader = fields.optional("allowedLateness")
        fields.finish()

        let format = formatReader?.choice(InputFormat.self)
        let flowFields = flowFieldsReader.flatMap(readFlowFields)
        if let flowFieldsReader, let format, format != .auto, format != .vpcFlow {
            flowFieldsReader.report("\"flowFields\" goes with vpc-flow and auto alone", "remove it")
        }
        let lateness = latenessReader?.duration(minimum: 0)
        if let latenessReader, let lateness, lateness > lateHorizonNanoseconds {
            latenessReader.report(
                "allowedLateness is longer than aggregation.lateHorizon", "make lateHorizon the longer one, such as 3d")
        }
        guard let topicReader, let topic = topicReader.nonEmptyString() else { return nil }
        if !isTopicName(topic) {
            topicReader.report(
                "\(topicReader.quoted(topic)) can't be a topic's name",
                "use at most 249 letters, digits, \".\", \"_\" and \"-\"")
            return nil
        }
        if outputTopics.contains(topic) {
            topicReader.report(
                "the topic \(topicReader.quoted(topic)) is one that Tidewatch writes",
                "read another topic, or change outputs.prefix")
            return nil
        }
        guard taken.insert(topic).inserted else {
            topicReader.report("the topic \(topicReader.quoted(topic)) is an input already", "remove one of them")
            return nil
        }
        var settings = InputSettings(topic: topic)
        settings.format = format ?? settings.format
        settings.flowFields = flowFields
        settings.allowedLatenessNanoseconds = lateness
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

    /// One text, or a list of names. References to the environment have no meaning here, because AWS's own templates
    /// write `${account-id}`.
    private static func readFlowFields(_ reader: NodeReader) -> FlowLogFieldList? {
        let reader = NodeReader(node: reader.node, path: reader.path, file: reader.file, log: reader.log)
        let text: String?
        if case .sequence = reader.node.content {
            text = reader.list()?.compactMap { $0.nonEmptyString() }.joined(separator: " ")
        } else {
            text = reader.nonEmptyString()
        }
        guard let text else { return nil }
        do {
            let list = try FlowLogFieldList(text)
            let known = FlowLogField.allCases.map(\.hyphenName)
            for case .other(let name) in list.columns {
                // AWS adds fields, so an unknown name is taken, unless it is nearly a known one.
                guard let near = EditDistance.nearest(to: name.replacing("_", with: "-"), among: known) else {
                    continue
                }
                reader.report("flow logs have no field \"\(name)\"", "did you mean \"\(near)\"?")
            }
            return list
        } catch {
            reader.report("\(error)", "write the names in the order of the records, as AWS does: version account-id …")
            return nil
        }
    }
}
