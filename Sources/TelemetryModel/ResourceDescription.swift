/// What a resource says of itself to people, and to those who route its alerts: OpenSLO's `displayName`, `description`, `labels` and
/// `annotations`. Nothing is counted or judged by it.
public struct ResourceDescription: Sendable, Equatable {
    /// Labels and annotations of one resource may have so many bytes, so that an alert that has them fits into every record.
    public static let bytesMax = 16_384

    public var displayName: String?
    public var description: String?
    /// By name; the values of one that is a list, joined by commas.
    public var labels: [String: String]
    /// Without those of `tidewatch.dev/`, which are settings.
    public var annotations: [String: String]

    public init(
        displayName: String? = nil, description: String? = nil, labels: [String: String] = [:],
        annotations: [String: String] = [:]
    ) {
        self.displayName = displayName
        self.description = description
        self.labels = labels
        self.annotations = annotations
    }
}
