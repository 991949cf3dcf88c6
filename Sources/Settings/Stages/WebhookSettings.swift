/// `webhook`: a receiver of CloudEvents.
public struct WebhookSettings: Sendable, Equatable {
    /// `url`: https, or plain http with `allowInsecure` or to this machine. Required.
    public var url: String
    /// `secret`, or what the file `secretFile` holds: 16 bytes at least, with which requests are signed. Required.
    public var secret: Secret

    public static let secretBytesMin = 16

    public init(url: String, secret: Secret) {
        self.url = url
        self.secret = secret
    }
}

extension WebhookSettings {
    init?(_ fields: MappingReader, _ files: SecretFiles) {
        let address = fields.required("url", example: WebhookSettings.example)
        let url = SinkAddress.read(
            address, of: fields, isNone: "the url is no web address", example: WebhookSettings.example)
        let secret = files.read(fields, "secret", file: "secretFile")
        fields.finish()
        if !fields.has("secret"), !fields.has("secretFile") {
            fields.node.report("\"secret\" is missing", "add \"secretFile: PATH\", or secret: ${WEBHOOK_SECRET}")
        }
        guard let url, let secret else { return nil }
        guard secret.value.utf8.count >= WebhookSettings.secretBytesMin else {
            fields.node.report(
                "the secret is shorter than \(WebhookSettings.secretBytesMin) bytes",
                "write a longer one, such as that of: openssl rand -hex 32")
            return nil
        }
        self.init(url: url, secret: secret)
    }

    private static let example = "https://hooks.example.org/alerts"
}
