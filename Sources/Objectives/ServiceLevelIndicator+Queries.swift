extension ServiceLevelIndicator {
    /// All that is counted, good, bad and total alike.
    public var queries: [MetricQuery] {
        switch form {
        case .ratio(let good, let bad, let total): [good, bad, total].compactMap { $0 }
        case .threshold(let query, _, _): [query]
        }
    }
}
