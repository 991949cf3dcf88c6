// swift-tools-version: 6.2
import PackageDescription

/// Every target of our own: Swift 6 language mode (the tools version's default), no warning tolerated.
let standard: [SwiftSetting] = [.treatAllWarnings(as: .error)]

/// Targets on the path of an event, and those that touch C: every unsafe construct is marked where it stands.
let hotPath: [SwiftSetting] =
    standard + [
        .strictMemorySafety(),
        .enableExperimentalFeature("Lifetimes"),
    ]

/// Targets that read borrowed event rows.
let borrowing: [SwiftSetting] = standard + [.enableExperimentalFeature("Lifetimes")]

/// The commit that `--version` names: git's, or TIDEWATCH_COMMIT's where sources are built without their history.
let commit =
    Context.environment["TIDEWATCH_COMMIT"]
    ?? Context.gitInformation.map { "\($0.currentCommit.prefix(12))\($0.hasUncommittedChanges ? "+" : "")" } ?? ""

/// A binary of one version of own records more than this release's, to be run beside it: see scripts/next-version.
let versionsMore = Context.environment["TIDEWATCH_NEXT_RECORD_VERSION"] == nil ? "0" : "1"

// Targets stand in the order in which data flows.
let package = Package(
    name: "tidewatch",
    products: [
        .executable(name: "tidewatch", targets: ["tidewatch"]),
        // Loaded before the C library by tests, for a host whose clock is wrong.
        .library(name: "HostClock", type: .dynamic, targets: ["HostClock"]),
    ],
    // Exact, and what they bring in is in deploy/packages.txt: two builds of one commit are of the same sources.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
    ],
    targets: [
        .systemLibrary(name: "CRDKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .target(name: "CSimd"),
        .target(name: "CBuild", cSettings: [.define("TIDEWATCH_COMMIT", to: "\"\(commit)\"")]),
        .target(name: "CNextVersion", cSettings: [.define("TIDEWATCH_VERSIONS_MORE", to: versionsMore)]),
        .target(name: "Text", swiftSettings: hotPath),
        .target(name: "JSON", dependencies: ["Text"], swiftSettings: hotPath),
        .target(name: "TelemetryModel", dependencies: ["CNextVersion", "Text", "JSON"], swiftSettings: hotPath),
        .target(name: "LockFree", swiftSettings: hotPath),
        .target(
            name: "Statistics", swiftSettings: hotPath,
            // Without Foundation nothing else brings in the mathematics library.
            linkerSettings: [.linkedLibrary("m")]),
        .target(name: "KafkaClient", dependencies: ["CRDKafka"], swiftSettings: hotPath),
        .target(
            name: "Decoding", dependencies: ["CSimd", "CZlib", "CDeflate", "Text", "JSON", "TelemetryModel"],
            swiftSettings: hotPath),
        .target(
            name: "Expressions", dependencies: ["Text", "JSON", "TelemetryModel", "Statistics"], swiftSettings: hotPath),
        .target(
            name: "Aggregation",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "Statistics", "Expressions",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: hotPath),
        .target(name: "Accounting", dependencies: ["Text", "TelemetryModel"], swiftSettings: standard),
        .target(
            name: "Objectives", dependencies: ["Text", "JSON", "TelemetryModel", "Statistics"], swiftSettings: standard),
        .target(
            name: "Signals", dependencies: ["Text", "JSON", "TelemetryModel", "Statistics", "Expressions"],
            swiftSettings: hotPath),
        .target(
            name: "Alerting",
            dependencies: ["Text", "JSON", "TelemetryModel", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: standard),
        .target(
            name: "Reporting", dependencies: ["Text", "JSON", "TelemetryModel", "Objectives", "Alerting"],
            swiftSettings: standard),
        .target(
            name: "Sinks",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "Statistics", "Alerting", "Settings",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: standard),
        .target(name: "Auditing", dependencies: ["Text", "JSON", "TelemetryModel"], swiftSettings: hotPath),
        .target(
            name: "Settings",
            dependencies: [
                "Text", "TelemetryModel", "Statistics", "Decoding", "Expressions", "Aggregation", "Objectives",
                "Signals", .product(name: "Yams", package: "Yams"), .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: borrowing),
        .target(
            name: "Planning",
            dependencies: [
                "TelemetryModel", "Decoding", "Expressions", "Aggregation", "Objectives", "Signals", "Auditing",
                "Settings",
            ],
            swiftSettings: borrowing),
        .target(
            name: "Records",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "Aggregation", "Accounting", "Objectives", "Signals", "Alerting",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: borrowing),
        .target(
            name: "Counting",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "LockFree", "Statistics", "Decoding", "Expressions", "Aggregation",
                "Accounting", "Objectives", "Auditing", "Planning", "Records",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: borrowing),
        .target(
            name: "Evaluation",
            dependencies: [
                "Text", "TelemetryModel", "Statistics", "Aggregation", "Accounting", "Objectives", "Signals",
                "Alerting", "Planning", "Records", .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: borrowing),
        .target(name: "Files", dependencies: ["Text", "JSON", "TelemetryModel"], swiftSettings: borrowing),
        .target(
            name: "Replay",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "Statistics", "Decoding", "Expressions", "Aggregation", "Objectives",
                "Alerting", "Reporting", "Planning", "Counting", "Evaluation", "Files",
            ], swiftSettings: borrowing),
        .target(
            name: "Observability", dependencies: ["Text", .product(name: "Logging", package: "swift-log")],
            swiftSettings: standard),
        .target(
            name: "Runtime",
            dependencies: [
                "Text", "TelemetryModel", "LockFree", "KafkaClient", "Settings", "Records", "Observability",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: borrowing),
        .target(
            name: "Consumer",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "LockFree", "KafkaClient", "Decoding", "Accounting", "Objectives",
                "Alerting", "Settings", "Planning", "Records", "Counting", "Evaluation", "Observability", "Runtime",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: borrowing),
        .target(
            name: "Delivery",
            dependencies: [
                "Text", "JSON", "TelemetryModel", "KafkaClient", "Alerting", "Sinks", "Settings", "Records",
                "Observability", "Runtime", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
            ], swiftSettings: borrowing),
        .target(
            name: "HTTPService",
            dependencies: [
                "Observability",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: standard),
        .target(name: "SyntheticEstate", dependencies: ["TelemetryModel", "Statistics"], swiftSettings: standard),
        .executableTarget(
            name: "tidewatch",
            dependencies: [
                "CBuild", "CMalloc", "Text", "JSON", "TelemetryModel", "Statistics", "KafkaClient", "Decoding",
                "Aggregation", "Objectives", "Alerting", "Reporting", "Settings", "Sinks", "Planning", "Records",
                "Counting", "Files", "Replay", "Observability", "Runtime", "Consumer", "Delivery", "HTTPService",
                "SyntheticEstate",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], resources: [.embedInCode("Demo/estate.yaml")], swiftSettings: borrowing,
            // Full RELRO: all addresses are bound before the first instruction, and can't be written after.
            linkerSettings: [.unsafeFlags(["-Xlinker", "-z", "-Xlinker", "now"])]),
        .executableTarget(
            name: "tidewatch-bench-windows",
            dependencies: ["Text", "TelemetryModel", "Statistics", "Objectives", "Reporting"],
            path: "Benchmarks/windows", swiftSettings: standard),
        .executableTarget(
            name: "tidewatch-bench-groups",
            dependencies: ["TelemetryModel", "Decoding", "Settings", "Planning", "Counting"],
            path: "Benchmarks/groups", swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-bench-threads",
            dependencies: [
                "TelemetryModel", "LockFree", "Decoding", "Accounting", "Settings", "Planning", "Records", "Counting",
                "SyntheticEstate",
            ], path: "Benchmarks/threads", swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-alerting-study", dependencies: ["TelemetryModel", "Statistics", "Objectives"],
            path: "Benchmarks/alerting", swiftSettings: standard),
        .executableTarget(
            name: "tidewatch-fuzz",
            dependencies: [
                "TelemetryModel", "Statistics", "Decoding", "Expressions", "SyntheticEstate", "TestFilters",
            ],
            path: "Tests/Fuzzing", swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-properties", dependencies: ["TelemetryModel", "Statistics", "Decoding", "TestSupport"],
            path: "Tests/Properties", swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-stress-lockfree", dependencies: ["LockFree", "Statistics"], path: "Tests/LockFreeStress",
            swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-stress-counting",
            dependencies: [
                "TelemetryModel", "LockFree", "Decoding", "Accounting", "Objectives", "Settings", "Planning", "Records",
                "Counting", "Evaluation", "Observability", "Consumer", "SyntheticEstate",
            ], path: "Tests/CountingStress", swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-stress-kafka", dependencies: ["KafkaClient", "TestSupport"],
            path: "Tests/KafkaClientStress",
            swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-chaos",
            dependencies: [
                "TelemetryModel", "Statistics", "KafkaClient", "Alerting", "Sinks", "SyntheticEstate", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            path: "Tests/Chaos", swiftSettings: borrowing),
        .executableTarget(
            name: "tidewatch-latency", dependencies: ["TelemetryModel", "Statistics", "KafkaClient", "TestSupport"],
            path: "Tests/Latency", swiftSettings: borrowing),
        .target(name: "HostClock", path: "Tests/HostClock"),
        .executableTarget(
            name: "tidewatch-simulate",
            dependencies: [
                "TelemetryModel", "Statistics", "Decoding", "Aggregation", "Accounting", "Objectives", "Signals",
                "Alerting", "Sinks", "Settings", "Planning", "Records", "Counting", "Evaluation",
            ], path: "Tests/Simulation", swiftSettings: borrowing),
        .target(
            name: "UpgradeFixtures", path: "Tests/UpgradeFixtures", exclude: ["README.md", "Recorded", "record"],
            swiftSettings: standard),
        // For tests alone: folders, waiting, gzip; filters and events; objectives and plans that count them.
        .target(name: "TestSupport", dependencies: ["CZlib"], path: "Tests/TestSupport", swiftSettings: standard),
        .target(
            name: "TestFilters", dependencies: ["TelemetryModel", "Statistics", "Expressions"],
            path: "Tests/TestFilters", swiftSettings: borrowing),
        .target(
            name: "TestObjectives", dependencies: ["TelemetryModel", "Objectives", "Settings", "Planning"],
            path: "Tests/TestObjectives", swiftSettings: standard),
        .testTarget(name: "TextTests", dependencies: ["Text", "Statistics"], swiftSettings: borrowing),
        .testTarget(name: "JSONTests", dependencies: ["Text", "JSON", "Statistics"], swiftSettings: borrowing),
        .testTarget(name: "TidyTests", swiftSettings: standard),
        .testTarget(
            name: "TelemetryModelTests", dependencies: ["JSON", "Statistics", "TelemetryModel"],
            swiftSettings: borrowing),
        .testTarget(name: "LockFreeTests", dependencies: ["LockFree"], swiftSettings: borrowing),
        .testTarget(
            name: "StatisticsTests", dependencies: ["Statistics"], swiftSettings: borrowing),
        .testTarget(
            name: "KafkaClientTests", dependencies: ["Statistics", "KafkaClient", "TestSupport"],
            swiftSettings: borrowing),
        .testTarget(
            name: "DecodingTests", dependencies: ["TelemetryModel", "Statistics", "Decoding", "TestSupport"],
            swiftSettings: borrowing),
        .testTarget(
            name: "ExpressionsTests", dependencies: ["TelemetryModel", "Statistics", "Expressions", "TestFilters"],
            swiftSettings: borrowing),
        .testTarget(
            name: "AggregationTests",
            dependencies: ["JSON", "TelemetryModel", "Statistics", "Aggregation"],
            swiftSettings: borrowing),
        .testTarget(name: "AccountingTests", dependencies: ["Accounting", "TelemetryModel"], swiftSettings: standard),
        .testTarget(
            name: "ObjectivesTests",
            dependencies: ["TelemetryModel", "Statistics", "Objectives", "Reporting", "TestObjectives"],
            swiftSettings: borrowing),
        .testTarget(
            name: "SignalsTests", dependencies: ["JSON", "TelemetryModel", "Statistics", "Signals"],
            swiftSettings: borrowing),
        .testTarget(
            name: "AlertingTests", dependencies: ["TelemetryModel", "Statistics", "Alerting", "Reporting"],
            swiftSettings: borrowing),
        .testTarget(
            name: "ReportingTests",
            dependencies: ["Text", "Reporting", "Objectives", "Alerting", "TelemetryModel", "TestObjectives"],
            swiftSettings: standard),
        .testTarget(
            name: "SinksTests",
            dependencies: [
                "JSON", "TelemetryModel", "Statistics", "Alerting", "Sinks",
                .product(name: "Crypto", package: "swift-crypto"),
            ], swiftSettings: borrowing),
        .testTarget(
            name: "AuditingTests", dependencies: ["TelemetryModel", "Statistics", "Decoding", "Auditing"],
            swiftSettings: borrowing),
        .testTarget(
            name: "SettingsTests",
            dependencies: [
                "TelemetryModel", "Statistics", "Decoding", "Expressions", "Aggregation", "Objectives", "Signals",
                "Settings", "Sinks", "TestSupport",
            ], swiftSettings: borrowing),
        .testTarget(
            name: "PlanningTests",
            dependencies: ["TelemetryModel", "Decoding", "Objectives", "Settings", "Planning"],
            swiftSettings: borrowing),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "KafkaClient", "TelemetryModel", "Alerting", "Sinks", "Settings", "Records", "Observability", "Runtime",
                "Delivery", "TestSupport", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: borrowing),
        .testTarget(
            name: "CountingTests",
            dependencies: [
                "TelemetryModel", "LockFree", "Statistics", "Decoding", "Aggregation", "Accounting", "Objectives",
                "Settings", "Planning", "Records", "Counting", "TestObjectives", "Text",
            ], swiftSettings: borrowing),
        .testTarget(
            name: "RecordsTests",
            dependencies: [
                "JSON", "TelemetryModel", "Statistics", "Aggregation", "Accounting", "Objectives", "Signals",
                "Alerting",
                "Reporting", "Sinks", "Records", "UpgradeFixtures",
            ], swiftSettings: borrowing),
        .testTarget(
            name: "EvaluationTests",
            dependencies: [
                "JSON", "TelemetryModel", "Statistics", "KafkaClient", "Aggregation", "Accounting", "Objectives",
                "Signals",
                "Alerting", "Sinks", "Settings", "Planning", "Records", "Counting", "Evaluation", "Runtime",
                "TestObjectives",
            ], swiftSettings: borrowing),
        .testTarget(
            name: "FilesTests", dependencies: ["TelemetryModel", "Files", "TestSupport"], swiftSettings: borrowing),
        .testTarget(
            name: "ReplayTests",
            dependencies: [
                "TelemetryModel", "Statistics", "Decoding", "Aggregation", "Objectives", "Alerting", "Reporting",
                "Settings", "Planning", "Counting", "Files", "Replay", "TestSupport",
            ], swiftSettings: borrowing),
        .testTarget(name: "ObservabilityTests", dependencies: ["Observability"], swiftSettings: standard),
        .testTarget(
            name: "HTTPServiceTests",
            dependencies: [
                "Observability", "HTTPService", "TestSupport", .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: standard),
        .testTarget(
            name: "RuntimeTests",
            dependencies: [
                "TelemetryModel", "KafkaClient", "Settings", "Records", "Observability", "Runtime", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: borrowing),
        .testTarget(
            name: "ConsumerTests",
            dependencies: [
                "TelemetryModel", "Statistics", "KafkaClient", "Accounting", "Objectives", "Alerting", "Settings",
                "Planning", "Records", "Counting", "Evaluation", "Observability", "Runtime", "Consumer", "TestSupport",
                "TestObjectives",
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: borrowing),
        .testTarget(
            name: "EndToEndTests", dependencies: ["Statistics", "KafkaClient", "UpgradeFixtures", "TestSupport"],
            swiftSettings: borrowing),
    ]
)
