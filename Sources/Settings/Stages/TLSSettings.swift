/// `tls`: what holds for every connection that is encrypted, to brokers, to sinks and of the own ports.
public struct TLSSettings: Sendable, Equatable {
    /// Raw values are TLS's own.
    public enum Version: String, CaseIterable, Sendable {
        case v12 = "1.2"
        case v13 = "1.3"
    }

    /// `minimumVersion`: what is older is not spoken. Default 1.2.
    public var minimumVersion = Version.v12

    public init() {}

    init(_ fields: MappingReader) {
        minimumVersion = fields.optional("minimumVersion")?.choice(Version.self) ?? minimumVersion
        fields.finish()
    }
}

/// `http.tls`: with it both ports speak TLS alone.
public struct ServerTLSSettings: Sendable, Equatable {
    /// `certificateFile`: the PEM certificate chain, the server's own first. Required.
    public var certificateFile: String
    /// `keyFile`: the PEM key of that certificate. Required.
    public var keyFile: String
    /// `clientCAFile`: PEM certificates of the authorities of which a client of the metrics port must have a certificate. The
    /// health port asks for none, because Kubernetes' probes have none.
    public var clientCAFile: String?

    public init(certificateFile: String, keyFile: String) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
    }

    init?(_ fields: MappingReader, _ files: SecretFiles) {
        let certificate = fields.required("certificateFile", example: "tls.crt").flatMap(files.readable)
        let key = fields.required("keyFile", example: "tls.key").flatMap(files.readable)
        let authority = fields.optional("clientCAFile").flatMap(files.readable)
        fields.finish()
        guard let certificate, let key else { return nil }
        self.init(certificateFile: certificate, keyFile: key)
        clientCAFile = authority
    }
}
