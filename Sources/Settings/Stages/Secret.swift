/// A password or a key. No description, log line or dump of it, or of what holds it, shows its value.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The value, for the one call that needs it.
    public let value: String
    /// Where it was read from, and may be read again; nil for one that stands in the settings.
    public let file: SecretFile?

    public init(_ value: String) { self.init(value, file: nil) }

    init(_ value: String, file: SecretFile?) {
        self.value = value
        self.file = file
    }

    /// Where a secret came from is no part of it.
    public static func == (one: Secret, other: Secret) -> Bool { one.value == other.value }

    public var description: String { "<redacted>" }
    public var debugDescription: String { "<redacted>" }
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
