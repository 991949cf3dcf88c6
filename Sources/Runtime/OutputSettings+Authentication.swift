import Records
import Settings

extension OutputSettings {
    /// How records of our own are signed and believed; `nil` where they carry no code.
    public var authentication: RecordAuthentication? {
        mac.map { mac in
            RecordAuthentication(
                signing: OutputSettings.key(mac.key), verifying: mac.verificationKeys.map(OutputSettings.key),
                requiredSince: mac.requiredSince)
        }
    }

    private static func key(_ secret: Secret) -> MACKey {
        guard let key = MACKey(Array(secret.value.utf8)) else {
            preconditionFailure("the reader of settings takes no key of fewer than \(MACKey.bytesMin) bytes")
        }
        return key
    }
}
