extension EventSchema {
    /// Metrics, in one shape whatever format they came in.
    static let metric = EventSchema(
        kind: .metric,
        root: .object([
            ("account_id", .value(.text)),
            ("region", .value(.text)),
            ("namespace", .value(.text)),
            ("metric_name", .value(.text)),
            ("dimensions", .map(.value(.text))),
            ("unit", .value(.text)),
            // Milliseconds since the epoch.
            ("timestamp", .value(.integer)),
            // What the format says of how amounts are measured; CloudWatch's metric streams say nothing.
            // "gauge", "counter", "up_down_counter", "histogram", "exponential_histogram" or "summary".
            ("kind", .value(.text)),
            // "delta" or "cumulative".
            ("temporality", .value(.text)),
            // Since when a cumulative metric counts, in milliseconds since the epoch.
            ("start_timestamp", .value(.integer)),
            (
                "value",
                .object([
                    ("max", .value(.double)),
                    ("min", .value(.double)),
                    ("sum", .value(.double)),
                    ("count", .value(.double)),
                    // Percentiles by name: "p99", "p99.9".
                    ("quantiles", .map(.value(.double))),
                    // The other extra statistics by name: "tm90", "IQM".
                    ("statistics", .map(.value(.double))),
                ])
            ),
        ]))
}
