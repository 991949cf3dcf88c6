/// `audit`: which CloudTrail events are recorded.
public struct AuditSettings: Sendable, Equatable {
    /// `include`: a filter over CloudTrail events; those for which it is true are recorded beside those that always are. `nil` adds
    /// none.
    public var include: String?

    public init(include: String? = nil) {
        self.include = include
    }
}
