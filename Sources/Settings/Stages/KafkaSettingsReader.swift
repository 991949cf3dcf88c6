/// Reads `kafka`.
struct KafkaSettingsReader {
    let files: SecretFiles
    let tls: TLSSettings

    func read(_ reader: NodeReader) -> KafkaSettings? {
        guard let fields = reader.mapping() else { return nil }
        let servers = fields.required("bootstrapServers", example: "localhost:9092").flatMap(readServers)
        let groupID = fields.optional("groupID")?.nonEmptyString()
        let clientID = fields.optional("clientID")?.nonEmptyString()
        let options = fields.optional("options").map(readOptions) ?? []
        let security = fields.optional("security")?.mapping().map(readSecurity)
        fields.finish()
        guard let servers else { return nil }
        var settings = KafkaSettings(bootstrapServers: servers)
        settings.groupID = groupID ?? settings.groupID
        settings.clientID = clientID ?? settings.clientID
        settings.options = options
        settings.security = security ?? settings.security
        settings.security.minimumVersion = tls.minimumVersion
        let isWarned = settings.security.protocolName == .saslPlaintext && settings.security.mechanism == .plain
        if !settings.security.protocolName.usesTLS, !isWarned, !servers.allSatisfy(SinkAddress.isLoopback(server:)) {
            (fields.optional("security") ?? reader).warn(
                "records and results go to brokers and back unencrypted, and nothing tells who a broker is",
                "set kafka.security.protocol to ssl or sasl_ssl")
        }
        return settings
    }

    /// A list, or text with commas.
    private func readServers(_ reader: NodeReader) -> [String]? {
        var servers: [(String, NodeReader)] = []
        if case .sequence = reader.node.content {
            servers = reader.list()?.compactMap { element in element.nonEmptyString().map { ($0, element) } } ?? []
        } else {
            guard let text = reader.nonEmptyString() else { return nil }
            servers = text.split(separator: ",").map { (String($0).trimmingBlanks, reader) }
        }
        for (server, reader) in servers where !KafkaSettingsReader.isServer(server) {
            reader.report("\(reader.quoted(server)) is not HOST:PORT", "write it such as broker-1:9092")
            return nil
        }
        if servers.isEmpty { reader.report("there is no server", "write one such as broker-1:9092") }
        return servers.isEmpty ? nil : servers.map(\.0)
    }

    static func isServer(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":") else { return false }
        let (host, port) = (text[..<colon], text[text.index(after: colon)...])
        guard !host.isEmpty, !host.contains(where: \.isWhitespace), let number = Int(port) else { return false }
        return (1...65_535).contains(number)
    }

    private func readOptions(_ reader: NodeReader) -> [KafkaOption] {
        (reader.mapping()?.all() ?? []).compactMap { name, value in
            guard let text = value.string() else { return nil }
            if let problem = KafkaOptionTable.problem(name, text) {
                value.report(problem.message, problem.suggestion)
                return nil
            }
            if let problem = suitesProblem(name) {
                value.report(problem, "remove it, or set tls.minimumVersion to 1.2")
                return nil
            }
            warnOfVerification(name, text, value)
            return KafkaOption(name: name, value: Secret(text))
        }
    }

    private func suitesProblem(_ name: String) -> String? {
        guard name == "ssl.cipher.suites", tls.minimumVersion == .v13 else { return nil }
        return "these suites are those of TLS 1.2, which tls.minimumVersion forbids"
    }

    /// Says which options turn the checks of TLS off.
    private func warnOfVerification(_ name: String, _ value: String, _ reader: NodeReader) {
        switch (name, value) {
        case ("enable.ssl.certificate.verification", "false"):
            reader.warn(
                "brokers' certificates are not verified: anyone between can read and change what is sent",
                "remove it, and set kafka.security.caFile")
        case ("ssl.endpoint.identification.algorithm", "none"):
            reader.warn(KafkaSettingsReader.unverifiedName, "remove it, or set it to https")
        case ("ssl.cipher.suites", _):
            reader.warn(
                "these suites stand in place of ours: one that is older than TLS 1.2 lets that version in",
                "remove it, or keep to ECDHE suites with GCM or CHACHA20")
        default: break
        }
    }

    private static let unverifiedName =
        "the name in brokers' certificates is not verified: whoever has any certificate of that authority can pose as one"

    private func readSecurity(_ fields: MappingReader) -> KafkaSecuritySettings {
        var settings = KafkaSecuritySettings()
        let protocolReader = fields.optional("protocol")
        let protocolName = protocolReader?.choice(KafkaSecuritySettings.ProtocolName.self)
        let mechanismReader = fields.optional("mechanism")
        settings.mechanism = mechanismReader?.choice(KafkaSecuritySettings.Mechanism.self)
        let usernameReader = fields.optional("username")
        settings.username = usernameReader?.nonEmptyString()
        settings.password = files.read(fields, "password", file: "passwordFile")
        let caReader = fields.optional("caFile")
        settings.caFile = caReader.flatMap(files.readable)
        let certificateReader = fields.optional("certificateFile")
        settings.certificateFile = certificateReader.flatMap(files.readable)
        let keyReader = fields.optional("keyFile")
        settings.keyFile = keyReader.flatMap(files.readable)
        settings.keyPassword = files.read(fields, "keyPassword", file: "keyPasswordFile")
        let hostnameReader = fields.optional("verifyHostname")
        settings.verifiesHostname = hostnameReader?.bool() ?? settings.verifiesHostname
        fields.finish()

        // With a protocol that can't be told, what goes with it can't either.
        guard protocolReader == nil || protocolName != nil else { return settings }
        settings.protocolName = protocolName ?? settings.protocolName
        checkSASL(settings, fields, mechanismReader)
        if settings.protocolName.usesTLS, !settings.verifiesHostname {
            hostnameReader?.warn(KafkaSettingsReader.unverifiedName, "set verifyHostname to true")
        }
        if settings.protocolName == .saslPlaintext, settings.mechanism == .plain {
            (protocolReader ?? fields.node).warn(
                "the password is sent to brokers unencrypted", "set protocol to sasl_ssl")
        }
        if !settings.protocolName.usesTLS {
            for reader in [caReader, certificateReader, keyReader].compactMap({ $0 }) {
                reader.report(
                    "the protocol \(settings.protocolName.rawValue) does not use TLS",
                    "set protocol to ssl or sasl_ssl, or remove this key")
            }
        }
        if let keyReader, certificateReader == nil {
            keyReader.report("there is a keyFile and no certificateFile", "add certificateFile, or remove keyFile")
        } else if let certificateReader, keyReader == nil {
            certificateReader.report(
                "there is a certificateFile and no keyFile", "add keyFile, or remove certificateFile")
        }
        return settings
    }

    private func checkSASL(
        _ settings: KafkaSecuritySettings, _ fields: MappingReader, _ mechanismReader: NodeReader?
    ) {
        let name = settings.protocolName.rawValue
        guard settings.protocolName.usesSASL else {
            mechanismReader?.report(
                "the protocol \(name) does not log in", "set protocol to sasl_ssl, or remove this key")
            return
        }
        let mechanisms = KafkaSecuritySettings.Mechanism.allCases.map(\.rawValue).joined(separator: ", ")
        if mechanismReader == nil {
            fields.node.report(
                "the protocol \(name) needs a mechanism", "add \"mechanism:\" with one of: \(mechanisms)")
        }
        if !fields.has("username") {
            fields.node.report("the protocol \(name) needs a username", "add \"username:\"")
        }
        if !fields.has("password"), !fields.has("passwordFile") {
            fields.node.report(
                "the protocol \(name) needs a password", "add \"passwordFile:\", or \"password: ${NAME}\"")
        }
    }
}
