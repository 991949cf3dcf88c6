/// Why an `AnomalyMonitor` was refused when it was loaded.
public struct AnomalyMonitorProblem: Error, Equatable, Sendable {
    /// The key of `spec` that is wrong: `value`, `method.ewma.alpha`, `alert.summary`.
    public let key: String
    /// What is wrong and what to write instead.
    public let message: String
    /// Bytes before the fault within the key's text, where it has one.
    public let utf8Offset: Int?

    public init(key: String, message: String, utf8Offset: Int? = nil) {
        self.key = key
        self.message = message
        self.utf8Offset = utf8Offset
    }
}
