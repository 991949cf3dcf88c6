/// The names of the topics that Tidewatch writes.
public struct OutputTopics: Sendable {
    public let registers: String
    public let checkpoints: String
    public let windows: String
    public let alerts: String
    public let notifications: String
    public let audit: String
    public let deadLetter: String

    /// Of a record's value: below the megabyte that brokers take by default, with room for the key and headers.
    package static let valueBytesMax = 900_000

    public init(prefix: String) {
        registers = prefix + "registers"
        checkpoints = prefix + "checkpoints"
        windows = prefix + "windows"
        alerts = prefix + "alerts"
        notifications = prefix + "notifications"
        audit = prefix + "audit"
        deadLetter = prefix + "deadletter"
    }

    public var names: [String] { [registers, checkpoints, windows, alerts, notifications, audit, deadLetter] }

    /// Those from which the pipeline reads its own records back.
    public var stateNames: [String] { [registers, checkpoints, windows, alerts, notifications] }
}
