import TelemetryModel

/// `outputs.mac`: records of our own carry a message authentication code, and what carries no right one is passed over.
public struct MACSettings: Sendable, Equatable {
    /// `keyFile`: a file with the key by which records are written, and believed. Required; 32 bytes at least.
    public var key: Secret
    /// `verificationKeyFiles`: files with keys by which records are believed too, eight at most: the former one, or the next.
    public var verificationKeys: [Secret] = []
    /// `requiredSince`: what the broker took before that time is believed without a code, and with one by a key that is
    /// not given here. Default: nothing is.
    public var requiredSince: Timestamp?

    public static let verificationKeysMax = 8
    /// As long as the code.
    public static let keyBytesMin = 32

    public init(key: Secret) {
        self.key = key
    }
}

extension MACSettings {
    /// - Returns: `nil` where there is no key; what is wrong is reported.
    init?(_ fields: MappingReader, _ files: SecretFiles) {
        let key = fields.required("keyFile", example: "/etc/tidewatch/secrets/mac.key")
            .flatMap { MACSettings.key($0, files) }
        let othersReader = fields.optional("verificationKeyFiles")
        let others = othersReader?.list() ?? []
        if others.count > MACSettings.verificationKeysMax {
            othersReader?.report(
                "there are \(others.count) keys", "keep \(MACSettings.verificationKeysMax) at most")
        }
        let verificationKeys = others.compactMap { MACSettings.key($0, files) }
        let requiredSince = fields.optional("requiredSince").flatMap(MACSettings.time)
        fields.finish()
        guard let key else { return nil }
        self.init(key: key)
        self.verificationKeys = verificationKeys
        self.requiredSince = requiredSince
    }

    private static func key(_ reader: NodeReader, _ files: SecretFiles) -> Secret? {
        guard let key = files.read(fileOf: reader, "key") else { return nil }
        let count = key.value.utf8.count
        guard count >= keyBytesMin else {
            reader.report(
                "the key in the file has \(count) bytes, and \(keyBytesMin) are the least",
                "make one by: openssl rand -hex 32")
            return nil
        }
        return key
    }

    private static func time(_ reader: NodeReader) -> Timestamp? {
        guard let text = reader.nonEmptyString() else { return nil }
        guard let time = Timestamp(rfc3339: text) else {
            reader.report("\(reader.quoted(text)) is no time", "write one such as 2026-12-01T00:00:00Z")
            return nil
        }
        return time
    }
}
