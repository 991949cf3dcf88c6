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
        if security.protocolName.usesTLS, !security.verifiesHostname {
            options["ssl.endpoint.identification.algorithm"] = "none"
        }
        for option in self.options { options[option.name] = option.value.value }
        return KafkaClient.KafkaSettings(bootstrapServers: bootstrapServers, options: options)
    }
}
