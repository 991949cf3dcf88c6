import Logging

extension Logger.MetadataValue {
    /// A number, which a log in JSON writes as one.
    public static func number(_ value: some BinaryInteger & Sendable) -> Logger.MetadataValue {
        .stringConvertible(Int64(clamping: value))
    }

    /// Seconds, to a tenth of a millisecond.
    public static func seconds(_ value: Double) -> Logger.MetadataValue {
        .stringConvertible((value * 10_000).rounded() / 10_000)
    }

    public static func seconds(_ duration: Duration) -> Logger.MetadataValue { seconds(duration.seconds) }

    public static func flag(_ value: Bool) -> Logger.MetadataValue { .stringConvertible(value) }
}
