import CRDKafka

/// How to reach a cluster: bootstrap servers, how to prove who we are, and any option that librdkafka knows.
///
/// `options` is passed through untouched, so plain, TLS and SASL are all a matter of options
/// (`security.protocol`, `sasl.mechanism`, `ssl.ca.location`, …); ``security(_:)`` fills in the usual ones. Some options
/// are the client's own, because exact accounting rests on them: see ``reservedOptions``.
public struct KafkaSettings: Sendable, Equatable, CustomStringConvertible {
    /// `host:port`, one or more.
    public var bootstrapServers: [String]
    public var options: [String: String]
    /// Where the password may change; it goes before `options`.
    public var credentials: KafkaCredentials?

    public init(
        bootstrapServers: [String], options: [String: String] = [:], credentials: KafkaCredentials? = nil
    ) {
        self.bootstrapServers = bootstrapServers
        self.options = options
        self.credentials = credentials
    }

    /// Names and redacted values, in order of name: safe to log.
    public var description: String {
        let shown = options.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.redacted($0.value, option: $0.key))" }
        return (["bootstrap.servers=\(bootstrapServers.joined(separator: ","))"] + shown).joined(separator: " ")
    }

    /// Options that a setting may not change, with the reason that the message gives.
    public static let reservedOptions: [String: String] = [
        "bootstrap.servers": "it is set by the list of bootstrap servers",
        "group.id": "it is set by the consumer's group",
        "enable.auto.commit": "offsets are committed only after what they stand for was acknowledged",
        "enable.auto.offset.store": "offsets are committed only after what they stand for was acknowledged",
        "auto.offset.reset": "a lost position is reported, never reset in silence",
        "partition.assignment.strategy": "every member of the group must use cooperative-sticky",
        "enable.partition.eof": "the end of a partition moves its watermark, so the notice must stay on",
        "enable.idempotence": "without it a retry can write a record twice",
    ]

    static func isSecret(_ option: String) -> Bool {
        ["password", "secret", ".pem", "oauthbearer.config", "jaas"].contains { option.contains($0) }
    }

    static func redacted(_ value: String, option: String) -> String { isSecret(option) ? "<redacted>" : value }

    /// Every option that librdkafka does not accept, in order of name; nothing is connected.
    ///
    /// It checks names and the form of values, one at a time; what only shows in combination (such as SASL without a
    /// user name) is reported when the client is made.
    public func problems() -> [KafkaOptionError] {
        let configuration = RawConfiguration()
        var problems: [KafkaOptionError] = []
        if bootstrapServers.isEmpty {
            problems.append(
                KafkaOptionError(option: "bootstrap.servers", value: "", reason: "at least one host:port is needed"))
        }
        for (option, value) in options.sorted(by: { $0.key < $1.key }) {
            do throws(KafkaOptionError) {
                try configuration.setByUser(option, value)
            } catch {
                problems.append(error)
            }
        }
        return problems
    }
}

extension KafkaSettings {
    public enum Security: Sendable, Equatable {
        case plaintext
        case tls(Certificates = Certificates())
        case saslPlain(user: String, password: String, tls: Certificates?)
        case saslSCRAM(SCRAM, user: String, password: String, tls: Certificates?)
    }

    public enum SCRAM: String, Sendable { case sha256 = "SCRAM-SHA-256", sha512 = "SCRAM-SHA-512" }

    /// Files in PEM form; the system's trust store when `authority` is nil.
    public struct Certificates: Sendable, Equatable {
        public var authority: String?
        public var certificate: String?
        public var key: String?

        public init(authority: String? = nil, certificate: String? = nil, key: String? = nil) {
            self.authority = authority
            self.certificate = certificate
            self.key = key
        }
    }

    /// These settings with the options of `security` set; options set before keep their values.
    public func security(_ security: Security) -> KafkaSettings {
        var added: [String: String] = [:]
        func tls(_ certificates: Certificates) {
            if let path = certificates.authority { added["ssl.ca.location"] = path }
            if let path = certificates.certificate { added["ssl.certificate.location"] = path }
            if let path = certificates.key { added["ssl.key.location"] = path }
        }
        func sasl(_ mechanism: String, _ user: String, _ password: String, _ certificates: Certificates?) {
            added["security.protocol"] = certificates == nil ? "sasl_plaintext" : "sasl_ssl"
            added["sasl.mechanism"] = mechanism
            added["sasl.username"] = user
            added["sasl.password"] = password
            if let certificates { tls(certificates) }
        }
        switch security {
        case .plaintext: added["security.protocol"] = "plaintext"
        case .tls(let certificates):
            added["security.protocol"] = "ssl"
            tls(certificates)
        case .saslPlain(let user, let password, let certificates): sasl("PLAIN", user, password, certificates)
        case .saslSCRAM(let scram, let user, let password, let certificates):
            sasl(scram.rawValue, user, password, certificates)
        }
        var result = self
        result.options.merge(added) { explicit, _ in explicit }
        return result
    }
}

/// An option that cannot be used, with librdkafka's own words; secrets are redacted.
public struct KafkaOptionError: Error, Sendable, Equatable, CustomStringConvertible {
    public let option: String
    /// The offending value, or `<redacted>`.
    public let value: String
    public let reason: String

    init(option: String, value: String, reason: String) {
        self.option = option
        self.value = KafkaSettings.redacted(value, option: option)
        // librdkafka quotes the value in some of its messages, so a secret would leak through the reason.
        let leaks = KafkaSettings.isSecret(option) && !value.isEmpty && reason.contains(value)
        self.reason = leaks ? "the value was not accepted" : reason
    }

    /// What librdkafka says of several options together, when a client is made.
    static let together = "(all)"

    public var description: String {
        if option == KafkaOptionError.together { return "the Kafka options cannot be used: \(reason)" }
        return "Kafka option \(option)=\(value) cannot be used: \(reason)"
    }
}
