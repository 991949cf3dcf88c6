extension ImportRule.Table {
    /// Which module each target may import. A line more is a decision: say in docs/architecture.md why.
    ///
    /// Targets stand in the order in which data flows, as in `Package.swift`. Nothing up to `Settings` imports a clock, input or
    /// output, or Kafka but `KafkaClient`; the stages, `Planning`, `Counting` and `Evaluation` are pure, and only `KafkaClient`,
    /// `Runtime`, `Consumer`, `Delivery` and the commands know Kafka. Test targets are not here: they import what they test.
    static let allowed = ImportRule.Table(
        """
        TelemetryModel:
        LockFree: Synchronization libc
        Statistics:
        KafkaClient: CRDKafka FoundationEssentials libc
        Decoding: CZlib CSimd TelemetryModel
        Expressions: TelemetryModel
        Aggregation: TelemetryModel LockFree Statistics Expressions Crypto libc
        Accounting: TelemetryModel
        Objectives: TelemetryModel Dispatch
        Signals: TelemetryModel Statistics Expressions
        Alerting: TelemetryModel Foundation FoundationEssentials
        Reporting: TelemetryModel Objectives Alerting
        Sinks: TelemetryModel Alerting
        Auditing: TelemetryModel
        Settings: TelemetryModel Decoding Expressions Aggregation Objectives Signals Crypto Foundation Yams
        Planning: TelemetryModel Decoding Aggregation Objectives Signals Auditing Settings
        Records: TelemetryModel Aggregation Accounting Objectives Signals
        Counting: TelemetryModel Statistics Decoding Expressions Aggregation Objectives Auditing Planning
        Counting: Crypto
        Evaluation: TelemetryModel Aggregation Accounting Objectives Signals Alerting Planning Records
        Files: TelemetryModel Foundation libc
        Replay: TelemetryModel Statistics Decoding Expressions Aggregation Objectives Alerting Reporting
        Replay: Planning Counting Evaluation Files Foundation
        Observability: Logging Synchronization
        Runtime: TelemetryModel KafkaClient Settings Records Observability Foundation Logging Synchronization
        Consumer: TelemetryModel KafkaClient Decoding Aggregation Accounting Objectives Alerting Settings
        Consumer: Planning Records Counting Evaluation Observability Runtime Foundation Logging
        Consumer: ServiceLifecycle Synchronization
        Delivery: TelemetryModel KafkaClient Alerting Settings Records Observability Runtime AsyncHTTPClient
        Delivery: Foundation Logging NIOCore ServiceLifecycle Synchronization
        HTTPService: Observability Hummingbird Logging NIOCore ServiceLifecycle Synchronization
        TidewatchTesting: TelemetryModel
        tidewatch: CBuild TelemetryModel KafkaClient Decoding Aggregation Objectives Alerting Reporting
        tidewatch: Settings Planning Records Counting Files Replay Observability Runtime Consumer Delivery
        tidewatch: HTTPService TidewatchTesting ArgumentParser Dispatch Foundation Logging ServiceLifecycle
        tidewatch: Synchronization libc
        tidewatch-bench-windows: TelemetryModel Objectives Reporting Foundation
        tidewatch-fuzz: TelemetryModel Decoding Expressions TidewatchTesting Synchronization libc
        tidewatch-properties: CZlib TelemetryModel Decoding TidewatchTesting Foundation
        tidewatch-stress-lockfree: LockFree Synchronization libc
        tidewatch-stress-kafka: KafkaClient Foundation libc
        tidewatch-chaos: TelemetryModel KafkaClient TidewatchTesting Foundation Synchronization libc
        tidewatch-simulate: TelemetryModel Accounting libc
        UpgradeFixtures: Foundation
        """,
        importers: [
            "CRDKafka": "KafkaClient", "CZlib": "Decoding", "CSimd": "Decoding", "CBuild": "tidewatch",
        ])
}
