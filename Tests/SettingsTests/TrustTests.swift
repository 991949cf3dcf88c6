import Foundation
import Settings
import Sinks
import TestSupport
import Testing

/// What settings may not do, and what no message may show.
@Suite struct TrustTests {
    private func problems(
        kafka: String = "", rest: String = "", environment: [String: String] = [:]
    ) throws -> [ConfigurationProblem] {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: s}
            spec:
              kafka: {bootstrapServers: "b:1"\(kafka.isEmpty ? "" : ", ")\(kafka)}
              inputs: [{topic: t}]
            \(rest)
            """, to: "s.yaml")
        return SettingsLoader(sinks: SinkKinds.all).check(paths: [file], environment: environment).besidesPlainBrokers
    }

    @Test(arguments: [
        ("plugin.library.paths", "it loads code"), ("interceptors", "it loads code"),
        ("ssl.engine.location", "it loads code"), ("ssl.engine.id", "it loads code"),
        ("ssl.providers", "it loads code"),
        ("sasl.kerberos.kinit.cmd", "it runs a command"), ("sasl.oauthbearer.method", "OAUTHBEARER"),
        ("test.mock.num.brokers", "a cluster that keeps nothing"), ("internal.termination.signal", "librdkafka's own"),
        ("isolation.level", "the exactness of counts"), ("enable.auto.commit", "the exactness of counts"),
        ("offset.store.method", "the exactness of counts"), ("transactional.id", "the exactness of counts"),
        ("group.instance.id", "the exactness of counts"), ("sasl.password", "a setting stands for it"),
        ("some.later.option", "is none that may be set"),
    ])
    func optionIsRefusedWithItsReasonAndWithoutItsValue(name: String, reason: String) throws {
        let found = try problems(kafka: "options: {\(name): hunter2}")
        #expect(found.count == 1 && found[0].message.contains(reason) && !found[0].isWarning, "\(found)")
        #expect(!found.description.contains("hunter2"))
    }

    @Test(arguments: [
        "linger.ms: soon", "linger.ms: -1", "linger.ms: 900001", "linger.ms: ''", "check.crcs: 1",
        "compression.type: zip",
        "debug: 'broker,hunter2'", "debug: ''", "max.in.flight: 6", "ssl.crl.location: ''",
    ])
    func valueOutsideItsRangeIsRefusedWithoutBeingShown(option: String) throws {
        let found = try problems(kafka: "options: {\(option)}")
        #expect(found.count == 1 && found[0].message.contains("can't be used"), "\(found)")
        #expect(!found.description.contains("hunter2"))
    }

    @Test func valuesInTheirRangesAreTaken() throws {
        #expect(
            try problems(
                kafka: "options: {linger.ms: 0, check.crcs: true, compression.type: zstd, debug: 'broker,cgrp', "
                    + "max.in.flight: 5, topic.metadata.refresh.interval.ms: -1, client.rack: a}"
            ).isEmpty)
    }

    @Test func schemaHasTheSameOptions() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let schema = try String(contentsOf: root.appending(path: "schemas/resources/settings.json"), encoding: .utf8)
        let page = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        let object = try #require(JSONSerialization.jsonObject(with: Data(schema.utf8)) as? [String: Any])
        func options(_ value: Any) -> [String: Any]? {
            guard let object = value as? [String: Any] else { return nil }
            if let options = object["options"] as? [String: Any] { return options["properties"] as? [String: Any] }
            return object.sorted { $0.key < $1.key }.lazy.compactMap { options($0.value) }.first
        }
        #expect(options(object)?.keys.sorted() == KafkaOptionTable.allowed.map(\.name).sorted())
        for (name, _) in KafkaOptionTable.allowed { #expect(page.contains("| `\(name)` |"), "\(name)") }
    }

    @Test(arguments: [
        "security: {protocol: ssl, verifyHostname: false}", "options: {enable.ssl.certificate.verification: false}",
        "options: {ssl.endpoint.identification.algorithm: none}",
        "security: {protocol: sasl_plaintext, mechanism: PLAIN, username: u, password: hunter2}",
    ])
    func whatTurnsProtectionOffIsAWarningAndNoProblem(kafka: String) throws {
        let found = try problems(kafka: kafka)
        #expect(found.count == 1 && found[0].isWarning && found[0].description.contains(": warning: "), "\(found)")
        #expect(!found.description.contains("hunter2"))
    }

    /// Every key of settings in turn has a secret in the place of its value.
    @Test(arguments: [
        "kafka: {bootstrapServers: X}", "kafka: {bootstrapServers: ['a:1', X]}", "kafka: X",
        "kafka: {bootstrapServers: 'a:1', security: X}",
        "kafka: {bootstrapServers: 'a:1', options: X}", "kafka: {bootstrapServers: 'a:1', options: {debug: X}}",
        "kafka: {bootstrapServers: 'a:1', security: {protocol: X}}",
        "kafka: {bootstrapServers: 'a:1', security: {protocol: sasl_ssl, mechanism: X, username: u, passwordFile: X, caFile: X}}",
        "kafka: {bootstrapServers: 'a:1', security: {verifyHostname: X}}", "inputs: X", "inputs: [X]",
        "inputs: [{topic: X}]",
        "inputs: [{topic: t, format: X}]", "inputs: [{topic: t, allowedLateness: X}]", "outputs: X",
        "outputs: {prefix: X, createTopics: X, partitions: X}",
        "decoding: {expandedBytesMax: X, nestingMax: X, futureTolerance: X}",
        "aggregation: {allowedLateness: X, lateHorizon: X}",
        "workers: {count: X}", "flushInterval: X", "http: {healthPort: X, metricsPort: X}", "pagerDuty: X",
        "pagerDuty: {routingKeyFile: X}", "pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: X}",
        "logging: {level: X, format: X}",
        "resources: X", "resources: [X]", "sinks: X", "sinks: [X]", "alerts: {maxAge: X}",
        "sinks: [{name: X, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk}}]",
        "sinks: [{name: a, pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: X}}]",
    ])
    func noMessageShowsWhatAReferenceStandsFor(part: String) throws {
        for secret in ["hunter2 sécret", String(repeating: "hunter2/", count: 30), "hunter2,hunter2"] {
            for (value, environment) in [("${SECRET}", ["SECRET": secret]), ("x${SECRET}x", ["SECRET": secret])] {
                let folder = try TemporaryFolder()
                let lines = ["kafka: {bootstrapServers: 'a:1'}", "inputs: [{topic: t}]"].filter {
                    $0.prefix { $0 != ":" } != part.prefix { $0 != ":" }
                }
                let file = try folder.write(
                    "apiVersion: tidewatch/v1\nkind: Settings\nmetadata: {name: s}\nspec:\n"
                        + (lines + [part.replacing("X", with: "\"\(value)\"")]).map { "  \($0)\n" }.joined(),
                    to: "s.yaml")
                let found = SettingsLoader(sinks: SinkKinds.all).check(paths: [file], environment: environment)
                    .besidesPlainBrokers
                #expect(!found.isEmpty && !found.description.contains("hunter2"), "\(found)")
            }
        }
    }

    @Test(arguments: ["security", "options"])
    func textWhereAMappingBelongsIsNotShown(key: String) throws {
        let found = try problems(kafka: "\(key): hunter2")
        #expect(found.map(\.message) == ["expected a mapping, found text"])
    }

    @Test(arguments: [
        ("a b\n", "a b"), (" a \r\n", " a "), ("a\n\n", "a\n"), ("a", "a"), ("\ta\n", "\ta"),
    ])
    func secretFileLosesItsLastLineBreakAlone(contents: String, expected: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(contents, to: "key")
        let file = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: s}
            spec:
              kafka:
                bootstrapServers: "b:1"
                security: {protocol: sasl_ssl, mechanism: PLAIN, username: u, passwordFile: key}
              inputs: [{topic: t}]
            """, to: "s.yaml")
        let settings = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: [:]).settings
        #expect(settings?.kafka.security.password?.value == expected)
    }

    // MARK: Files

    @Test func linkThatLeadsNowhereIsAProblem() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write(rollup("a"), to: "res/a.yaml")
        let res = String(good.dropLast("/a.yaml".count))
        for name in ["b.yaml", "folder"] {
            try FileManager.default.createSymbolicLink(atPath: "\(res)/\(name)", withDestinationPath: "gone")
        }
        let found = ResourceLoader.load(paths: [res])
        #expect(found.problems.map(\.message) == ["the link leads nowhere", "the link leads nowhere"])
        #expect(found.resources.rollups.map(\.name) == ["a"])
        #expect(ResourceLoader.load(paths: ["\(res)/b.yaml"]).problems.map(\.message) == ["the link leads nowhere"])
    }

    @Test func pipeAndDeviceAreProblemsAndALinkToAFolderIsAWarning() throws {
        let folder = try TemporaryFolder()
        let good = try folder.write(rollup("a"), to: "res/a.yaml")
        try folder.write(rollup("b"), to: "other/b.yaml")
        let res = String(good.dropLast("/a.yaml".count))
        #expect(mkfifo("\(res)/pipe.yaml", 0o600) == 0)
        try FileManager.default.createSymbolicLink(atPath: "\(res)/link", withDestinationPath: "../other")
        let found = ResourceLoader.load(paths: [res]).problems
        #expect(found.filter(\.isWarning).map(\.message) == ["the link to a folder is not followed"])
        #expect(
            Set(found.map(\.message))
                == ["this is a device, a pipe or a socket", "the link to a folder is not followed"])
        #expect(
            ResourceLoader.load(paths: ["/dev/null"]).problems.map(\.message) == [
                "this is a device, a pipe or a socket"
            ])
    }

    // MARK: Policies

    private func policies(_ text: String) -> [ConfigurationProblem] {
        ResourceLoader.load(text: slo(rest: "  alertPolicies: \(text)"), file: "r.yaml").problems
    }

    @Test func bareNamesAreToldHowToBeWritten() {
        #expect(policies("[fast]").map(\.suggestion) == ["write {alertPolicyRef: fast}"])
        let policy = "[{metadata: {name: p}, spec: {conditions: [fast], notificationTargets: [team]}}]"
        #expect(
            policies(policy).map(\.suggestion).sorted() == ["write {conditionRef: fast}", "write {targetRef: team}"])
    }

    @Test func whatIsNotRunIsSaid() {
        let condition =
            "{metadata: {name: c}, spec: {severity: page, condition: {op: gt, threshold: 2, lookbackWindow: 1h}}}"
        func policy(_ more: String) -> String {
            "[{metadata: {name: p}, spec: {conditions: [\(condition)], \(more)}}]"
        }
        let resolved = policies(policy("alertWhenResolved: false"))
        #expect(resolved.count == 1 && resolved[0].message.contains("always resolved") && !resolved[0].isWarning)
        func target(_ name: String) -> String {
            "notificationTargets: [{metadata: {name: t}, spec: {target: \(name)}}]"
        }
        let slack = policies(policy(target("slack")))
        #expect(slack.count == 1 && !slack[0].isWarning && slack[0].message.contains("nothing is sent to"))
        #expect(policies(policy(target("pagerduty"))).isEmpty)
    }

    @Test func missingConditionIsSaidBesideTheirNumber() {
        let found = policies("[{metadata: {name: p}, spec: {conditions: [{conditionRef: a}, {conditionRef: b}]}}]")
        #expect(found.count == 3)
    }
}
