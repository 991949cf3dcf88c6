import KafkaClient
import Settings

extension Settings.KafkaSettings {
    /// The settings as the client takes them: librdkafka's options, those written in the file last.
    public var clientSettings: KafkaClient.KafkaSettings {
        var options: [String: String] = ["client.id": clientID, "statistics.interval.ms": "5000"]
        options["security.protocol"] = security.protocolName.rawValue
        options["sasl.mechanism"] = security.mechanism?.rawValue
        options["sasl.username"] = security.username
        options["sasl.password"] = security.password?.value
        options["ssl.ca.location"] = security.caFile
        options["ssl.certificate.location"] = security.certificateFile
        options["ssl.key.location"] = security.keyFile
        options["ssl.key.password"] = security.keyPassword?.value
        if security.protocolName.usesTLS { options["ssl.cipher.suites"] = security.minimumVersion.suites }
        if security.protocolName.usesTLS, !security.verifiesHostname {
            options["ssl.endpoint.identification.algorithm"] = "none"
        }
        for option in self.options { options[option.name] = option.value.value }
        return KafkaClient.KafkaSettings(
            bootstrapServers: bootstrapServers, options: options, credentials: credentials)
    }

    /// Of a password that is in a file, which may be replaced.
    private var credentials: KafkaCredentials? {
        guard security.protocolName.usesSASL, let user = security.username, let password = security.password,
            let file = password.file
        else { return nil }
        let credentials = KafkaCredentials(user: user, password: file.current.value)
        file.follow { [weak credentials] in credentials?.replace(password: $0.value) }
        return credentials
    }
}

extension TLSSettings.Version {
    /// What librdkafka is told, which has no setting for a version and offers all that its OpenSSL speaks.
    ///
    /// A version without a suite can't be agreed on, and no suite here is older than TLS 1.2. Those of TLS 1.3 are not in this
    /// list, and always offered. One has to be in it: for 1.3 alone that is one which OpenSSL leaves out for want of a shared key.
    fileprivate var suites: String {
        switch self {
        case .v12: "ECDHE+AESGCM:ECDHE+CHACHA20:!PSK"
        case .v13: "PSK-AES256-GCM-SHA384"
        }
    }
}
