/// `kafka`: the cluster that telemetry is read from and results are written to.
public struct KafkaSettings: Sendable, Equatable {
    /// `bootstrapServers`: `host:port` of some brokers, as a list or with commas between them. Required.
    public var bootstrapServers: [String]
    /// `groupID`: the consumer group. Default `tidewatch`.
    public var groupID = "tidewatch"
    /// `clientID`: what brokers call this client in their logs. Default `tidewatch`.
    public var clientID = "tidewatch"
    /// `options`: librdkafka options of `KafkaOptionTable`, by their own names, passed on after all others. Values are kept as
    /// secrets, because some of them are. In the file's order.
    public var options: [KafkaOption] = []
    public var security = KafkaSecuritySettings()

    public init(bootstrapServers: [String]) {
        self.bootstrapServers = bootstrapServers
    }
}

public struct KafkaOption: Sendable, Equatable {
    public var name: String
    public var value: Secret

    public init(name: String, value: Secret) {
        self.name = name
        self.value = value
    }
}

/// `kafka.security`: how brokers are trusted, and how Tidewatch shows who it is.
public struct KafkaSecuritySettings: Sendable, Equatable {
    /// Raw values are librdkafka's `security.protocol`.
    public enum ProtocolName: String, CaseIterable, Sendable {
        case plaintext
        case tls = "ssl"
        case saslPlaintext = "sasl_plaintext"
        case saslTLS = "sasl_ssl"

        public var usesSASL: Bool { self == .saslPlaintext || self == .saslTLS }
        public var usesTLS: Bool { self == .tls || self == .saslTLS }
    }

    /// Raw values are librdkafka's `sasl.mechanism`.
    public enum Mechanism: String, CaseIterable, Sendable {
        case plain = "PLAIN"
        case scramSHA256 = "SCRAM-SHA-256"
        case scramSHA512 = "SCRAM-SHA-512"
    }

    /// `protocol`. Default `plaintext`.
    public var protocolName = ProtocolName.plaintext
    /// `mechanism`: required with the two `sasl` protocols.
    public var mechanism: Mechanism?
    /// `username`: required with the two `sasl` protocols.
    public var username: String?
    /// `password`, or what the file `passwordFile` holds without the line break at its end. Required with the two `sasl`
    /// protocols.
    public var password: Secret?
    /// `caFile`: PEM certificates to trust; default the system's.
    public var caFile: String?
    /// `certificateFile`: this client's PEM certificate chain.
    public var certificateFile: String?
    /// `keyFile`: the PEM key of that certificate.
    public var keyFile: String?
    /// `keyPassword`, or what the file `keyPasswordFile` holds.
    public var keyPassword: Secret?
    /// `tls.minimumVersion`.
    public var minimumVersion = TLSSettings.Version.v12
    /// `verifyHostname`: whether a broker's certificate must name its host. Default true.
    public var verifiesHostname = true

    public init() {}
}
