import Foundation

/// Reads `sinks` and `pagerDuty`.
struct SinkSettingsReader {
    let files: SecretFiles

    /// The kinds of destinations: the keys of which an entry of `sinks` has one.
    private static let kinds = ["pagerDuty", "webhook"]

    /// What `pagerDuty` says, and then `sinks`.
    func read(_ fields: MappingReader) -> [SinkSettings] {
        var sinks: [SinkSettings] = []
        if let settings = fields.optional("pagerDuty")?.mapping().flatMap(readPagerDuty) {
            sinks.append(SinkSettings(name: SinkSettings.pagerDutyName, destination: .pagerDuty(settings)))
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
        let kinds = SinkSettingsReader.kinds.filter { fields.has($0) }
        let destination = readDestination(fields)
        fields.finish()
        if kinds.count != 1 {
            let all = SinkSettingsReader.kinds.map { "\"\($0)\"" }.joined(separator: " or ")
            fields.node.report(
                kinds.isEmpty ? "the sink has no destination" : "the sink has \(kinds.count) destinations",
                "give it one of \(all)")
        }
        guard let name, let nameReader else { return nil }
        guard SinkSettingsReader.isName(name) else {
            nameReader.report(
                "\(nameReader.quoted(name)) can't be a sink's name",
                "use small letters, digits and \"-\", \(SinkSettings.nameCharactersMax) at most")
            return nil
        }
        return destination.map { SinkSettings(name: name, destination: $0) }
    }

    private func readDestination(_ fields: MappingReader) -> SinkSettings.Destination? {
        let pagerDuty = fields.optional("pagerDuty")?.mapping().flatMap(readPagerDuty)
        let webhook = fields.optional("webhook")?.mapping().flatMap { WebhookSettings($0, files) }
        return pagerDuty.map { .pagerDuty($0) } ?? webhook.map { .webhook($0) }
    }

    private static func isName(_ text: String) -> Bool {
        text.utf8.count <= SinkSettings.nameCharactersMax
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }

    private func readPagerDuty(_ fields: MappingReader) -> PagerDutySettings? {
        let key = files.read(fields, "routingKey", file: "routingKeyFile")
        let endpoint = SinkAddress.read(
            fields.optional("endpoint"), of: fields, isNone: "the endpoint is no web address",
            example: PagerDutySettings.endpointDefault)
        fields.finish()
        guard let key else {
            if !fields.has("routingKey"), !fields.has("routingKeyFile") {
                fields.node.report(
                    "\"routingKey\" is missing", "add \"routingKey: ${PAGERDUTY_ROUTING_KEY}\", or routingKeyFile")
            }
            return nil
        }
        var settings = PagerDutySettings(routingKey: key)
        settings.endpoint = endpoint ?? settings.endpoint
        return settings
    }
}

/// The address of a sink: https, because what is sent holds secrets and names of what is watched. Plain http is for this
/// machine, or where `allowInsecure` says so.
enum SinkAddress {
    static func read(
        _ reader: NodeReader?, of fields: MappingReader, isNone: String, example: String
    ) -> String? {
        let allowsInsecure = fields.optional("allowInsecure")?.bool() ?? false
        guard let reader, let text = reader.nonEmptyString() else { return nil }
        guard let address = URLComponents(string: text), let host = address.host, !host.isEmpty,
            let scheme = address.scheme?.lowercased(), scheme == "https" || scheme == "http",
            (1...65_535).contains(address.port ?? 443)
        else {
            reader.report(isNone, "write one such as \(example)")
            return nil
        }
        if address.user != nil || address.password != nil {
            reader.report("the address holds a user or a password", "leave them out: they would stand in messages")
            return nil
        }
        if scheme == "http", !allowsInsecure, !isLoopback(host) {
            reader.report(
                "the address is not https: whoever is in between could read and forge what is sent",
                "write https, or allowInsecure: true")
            return nil
        }
        return text
    }

    private static func isLoopback(_ host: String) -> Bool {
        let host = host.lowercased()
        if host == "localhost" || host == "[::1]" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && !parts.contains(nil) && parts[0] == 127
    }
}
