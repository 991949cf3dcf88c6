extension ImportRule.Table {
    /// Which module each target may import. A line more is a decision: say in docs/architecture.md why.
    ///
    /// Targets stand in the order in which data flows, as in `Package.swift`. Nothing up to `Settings` imports a clock, input or
    /// output, or Kafka but `KafkaClient`; the stages, `Planning`, `Counting` and `Evaluation` are pure, and only `KafkaClient`,
    /// `Runtime`, `Consumer`, `Delivery` and the commands know Kafka. Test targets are not here: they import what they test.
    static let allowed = ImportRule.Table(
        """
        Text:
        JSON: Text
        TelemetryModel: Text JSON CNextVersion
        LockFree: Synchronization libc
        Statistics:
        KafkaClient: CRDKafka FoundationEssentials libc
        Decoding: Text JSON CZlib CDeflate CSimd TelemetryModel
        Expressions: Text JSON TelemetryModel Statistics
        Aggregation: Text JSON TelemetryModel Statistics Expressions Crypto libc
        Accounting: Text TelemetryModel
        Objectives: Text JSON TelemetryModel Statistics Dispatch
        Signals: Text JSON TelemetryModel Statistics Expressions
        Alerting: Text JSON TelemetryModel Crypto
        Reporting: Text JSON TelemetryModel Objectives Alerting
        Sinks: Text JSON TelemetryModel Alerting Settings Statistics Crypto
        Auditing: Text JSON TelemetryModel
        Settings: Text TelemetryModel Statistics Decoding Expressions Aggregation Objectives Signals Crypto
        Settings: Foundation Yams Synchronization
        Planning: TelemetryModel Decoding Expressions Aggregation Objectives Signals Auditing Settings
        Records: Text JSON TelemetryModel Aggregation Accounting Objectives Signals Alerting Crypto
        Counting: Text JSON TelemetryModel Statistics Decoding Expressions Aggregation Accounting Objectives
        Counting: LockFree Auditing Planning Records Crypto
        Evaluation: Text TelemetryModel Statistics Aggregation Accounting Objectives Signals Alerting Planning
        Evaluation: Records Crypto
        Files: Text JSON TelemetryModel Foundation libc
        Replay: Text JSON TelemetryModel Statistics Decoding Expressions Aggregation Objectives Alerting Reporting
        Replay: Planning Counting Evaluation Files Foundation
        Observability: Text Foundation Logging Synchronization
        Runtime: Text TelemetryModel KafkaClient Settings Records Observability Foundation Logging
        Runtime: Synchronization LockFree
        Consumer: Text JSON TelemetryModel LockFree KafkaClient Decoding Accounting Objectives Alerting Settings
        Consumer: Planning Records Counting Evaluation Observability Runtime Foundation Logging ServiceLifecycle
        Consumer: Synchronization
        Delivery: Text JSON TelemetryModel KafkaClient Alerting Settings Records Observability Runtime
        Delivery: Sinks AsyncHTTPClient Foundation Logging NIOCore NIOSSL ServiceLifecycle Synchronization
        HTTPService: Observability Foundation Hummingbird HummingbirdCore HummingbirdTLS Logging NIOCore NIOHTTPTypes
        HTTPService: NIOSSL ServiceLifecycle Synchronization
        SyntheticEstate: TelemetryModel Statistics
        tidewatch: Text JSON CBuild CMalloc TelemetryModel Statistics KafkaClient Decoding Aggregation Objectives
        tidewatch: Alerting Reporting Settings Sinks Planning Records Counting Files Replay Observability Runtime Consumer
        tidewatch: Delivery HTTPService ArgumentParser Dispatch Foundation Logging ServiceLifecycle
        tidewatch: Synchronization libc SyntheticEstate
        tidewatch-alerting-study: TelemetryModel Objectives Statistics Foundation
        tidewatch-bench-windows: Text TelemetryModel Objectives Reporting Foundation Statistics
        tidewatch-bench-groups: TelemetryModel Decoding Settings Planning Counting Foundation
        tidewatch-bench-threads: TelemetryModel LockFree Decoding Accounting Settings Planning Records Counting
        tidewatch-bench-threads: SyntheticEstate Foundation Synchronization libc
        tidewatch-fuzz: TelemetryModel Decoding Expressions Synchronization libc Statistics SyntheticEstate TestFilters
        tidewatch-properties: TelemetryModel Decoding Foundation Statistics TestSupport
        tidewatch-stress-lockfree: LockFree Synchronization libc Statistics
        tidewatch-stress-counting: TelemetryModel LockFree Decoding Accounting Objectives Settings Planning Records
        tidewatch-stress-counting: Counting Evaluation Observability Consumer SyntheticEstate Synchronization libc
        tidewatch-stress-kafka: KafkaClient TestSupport Foundation libc
        tidewatch-chaos: TelemetryModel KafkaClient Alerting Sinks TestSupport Crypto Foundation Synchronization libc
        tidewatch-chaos: Statistics SyntheticEstate
        tidewatch-latency: TelemetryModel Statistics KafkaClient TestSupport Foundation Synchronization
        tidewatch-simulate: TelemetryModel Statistics Decoding Aggregation Accounting Objectives Signals Alerting
        tidewatch-simulate: Sinks Settings Planning Records Counting Evaluation libc
        UpgradeFixtures: Foundation
        TestSupport: CZlib Foundation Synchronization libc
        HostClock:  # C, which nobody imports: it is loaded before the C library
        TestFilters: TelemetryModel Statistics Expressions
        TestObjectives: TelemetryModel Objectives Settings Planning
        """,
        importers: [
            "CRDKafka": "KafkaClient", "CZlib": "Decoding", "CDeflate": "Decoding", "CSimd": "Decoding",
            "CBuild": "tidewatch", "CMalloc": "tidewatch",
            "CNextVersion": "TelemetryModel",
        ])
}
