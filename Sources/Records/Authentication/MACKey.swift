import Crypto
import Text

/// A key by which records of our own are authenticated.
///
/// No description, log line or dump shows it. Its identifier, which each record carries, is what the key makes of a fixed text,
/// and so tells of it as little as any other code does.
public struct MACKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// As long as the code: a shorter one could be guessed sooner than that.
    public static let bytesMin = SHA256.byteCount
    private static let identifierBytes = 8

    package let identifier: String
    private let key: SymmetricKey

    /// - Returns: `nil` for fewer than ``bytesMin`` bytes.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count >= MACKey.bytesMin else { return nil }
        key = SymmetricKey(data: bytes)
        // No record's text begins like that, see `AuthenticatedText`.
        let code = HMAC<SHA256>.authenticationCode(for: Array("tidewatch-mac key".utf8), using: key)
        identifier = Hexadecimal.text(code.prefix(MACKey.identifierBytes))
    }

    func code(of text: AuthenticatedText) -> [UInt8] {
        Array(HMAC<SHA256>.authenticationCode(for: text.bytes, using: key))
    }

    /// Takes as long for a code that is wrong in its first byte as for one that is wrong in its last.
    func isRight(_ code: [UInt8], of text: AuthenticatedText) -> Bool {
        HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: text.bytes, using: key)
    }

    public var description: String { "key \(identifier)" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension MACKey: Equatable {
    public static func == (left: MACKey, right: MACKey) -> Bool { left.key == right.key }
}
