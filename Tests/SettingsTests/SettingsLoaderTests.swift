import Decoding
import Foundation
import Settings
import Sinks
import TestSupport
import Testing

private func settings(_ spec: String) -> String {
    """
    apiVersion: tidewatch/v1
    kind: Settings
    metadata: {name: s}
    spec:
      \(spec)
    """
}

private let required = "kafka: {bootstrapServers: a:9092}\n  inputs: [{topic: t}]"

@Suite struct SettingsLoaderTests {
    private func load(
        _ spec: String, environment: [String: String] = [:], files: [String: String] = [:]
    ) throws -> (settings: RunSettings?, problems: [String]) {
        let folder = try TemporaryFolder()
        for (name, text) in files { try folder.write(text, to: name) }
        let file = try folder.write(settings(spec), to: "s.yaml")
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: environment)
        return (
            loaded.settings,
            loaded.problems.besidesPlainBrokers.map { $0.description.replacing("\(folder.root)/", with: "") }
        )
    }

    @Test func defaultsAreThoseDocumented() throws {
        let loaded = try load(required)
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        var settings = try #require(loaded.settings)
        #expect(settings.fileDigest?.count == 64)
        settings.fileDigest = nil
        #expect(
            settings
                == RunSettings(
                    name: "s", kafka: KafkaSettings(bootstrapServers: ["a:9092"]), inputs: [InputSettings(topic: "t")]))
        #expect(settings.kafka.groupID == "tidewatch" && settings.kafka.security.protocolName == .plaintext)
        #expect(settings.inputs[0].format == .auto)
        #expect(settings.outputs.prefix == "tidewatch." && !settings.outputs.createsTopics)
        #expect(settings.decoding.limits == DecodingLimits())
        #expect(settings.decoding.futureToleranceNanoseconds == 300_000_000_000)
        #expect(settings.aggregation.allowedLatenessNanoseconds == nil)
        #expect(settings.aggregation.lateHorizonNanoseconds == 3 * 86_400_000_000_000)
        #expect(settings.workers.count == nil && settings.sinks.isEmpty)
        #expect(settings.http.healthPort == 8080 && settings.http.metricsPort == 9090)
    }

    @Test func everyKeyIsRead() throws {
        let loaded = try load(
            """
            kafka:
                bootstrapServers: [b-1:9094, "[::1]:9094"]
                groupID: g
                clientID: c
                options: {fetch.wait.max.ms: 50, ssl.cipher.suites: X}
                security: {protocol: sasl_ssl, mechanism: SCRAM-SHA-512, username: u, passwordFile: secret/pw, caFile: secret/ca,
                  certificateFile: secret/crt, keyFile: secret/key, keyPassword: "$${x}", verifyHostname: false}
              inputs:
                - {topic: flows, format: vpc-flow, flowFields: "version ${account-id} pkt-srcaddr new-one"}
                - {topic: more, format: vpc-flow, flowFields: [interface-id, srcaddr], allowedLateness: 20m}
              outputs: {prefix: w., createTopics: true, partitions: 3, replicationFactor: 1}
              decoding: {expandedBytesMax: 1GiB, recordBytesMax: 4096, nestingMax: 64, futureTolerance: 0s}
              aggregation: {allowedLateness: 1m, lateHorizon: 1h, idleTimeout: 30s}
              workers: {count: 4}
              flushInterval: 500ms
              http: {host: 127.0.0.1, healthPort: 1, metricsPort: 65535}
              pagerDuty: {routingKey: "${KEY}", endpoint: "http://localhost:1/v2"}
              logging: {level: debug, format: text}
              resources: [res, not-there]
            """, environment: ["KEY": "r0utingAAAAAAAAAAAAAAAAAAAAAAAAA"],
            files: [
                "secret/pw": "p4ss\n", "secret/ca": "x", "secret/crt": "x", "secret/key": "x",
                "res/a.yaml": rollup("a"), "res/deep/b.yml": rollup("b"), "res/ignored.txt": "[",
                "res/.hidden/c.yaml": "[",
            ])
        #expect(
            loaded.problems == [
                "s.yaml:9:57: spec.kafka.options.ssl.cipher.suites: warning: these suites stand in place of ours: one that is "
                    + "older than TLS 1.2 lets that version in; remove it, or keep to ECDHE suites with GCM or CHACHA20",
                "s.yaml:11:95: spec.kafka.security.verifyHostname: warning: the name in brokers' certificates is not verified: "
                    + "whoever has any certificate of that authority can pose as one; set verifyHostname to true",
                "s.yaml:23:20: spec.resources[1]: there is no file or folder not-there; check the path, which is relative "
                    + "to the settings file",
            ])
        let settings = try #require(loaded.settings)
        #expect(settings.kafka.bootstrapServers == ["b-1:9094", "[::1]:9094"])
        #expect(settings.kafka.options.map(\.name) == ["fetch.wait.max.ms", "ssl.cipher.suites"])
        #expect(settings.kafka.options.map(\.value.value) == ["50", "X"])
        let security = settings.kafka.security
        #expect(security.protocolName == .saslTLS && security.mechanism == .scramSHA512 && security.username == "u")
        #expect(
            security.password?.value == "p4ss" && security.keyPassword?.value == "${x}" && !security.verifiesHostname)
        #expect(security.caFile?.hasSuffix("/secret/ca") == true)
        #expect(try settings.inputs[0].flowFields == FlowLogFieldList("version account_id pkt_srcaddr new_one"))
        #expect(try settings.inputs[1].flowFields == FlowLogFieldList("interface-id srcaddr"))
        #expect(settings.inputs.map(\.allowedLatenessNanoseconds) == [nil, 1_200_000_000_000])
        #expect(
            settings.outputs.prefix == "w." && settings.outputs.partitions == 3
                && settings.outputs.replicationFactor == 1)
        #expect(
            settings.decoding.limits == DecodingLimits(expandedBytesMax: 1 << 30, nestingMax: 64, recordBytesMax: 4096))
        #expect(settings.decoding.futureToleranceNanoseconds == 0)
        #expect(settings.aggregation.idleTimeoutNanoseconds == 30_000_000_000)
        #expect(settings.workers.count == 4 && settings.flushIntervalNanoseconds == 500_000_000)
        #expect(settings.http.host == "127.0.0.1" && settings.http.metricsPort == 65_535)
        var pagerDuty = PagerDutySettings(routingKey: Secret("r0utingAAAAAAAAAAAAAAAAAAAAAAAAA"))
        pagerDuty.address = "http://localhost:1/v2"
        #expect(settings.sinks == [SinkSettings(name: "pagerduty", destination: pagerDuty)])
        #expect(settings.logging.level == .debug && settings.logging.format == .text)
        #expect(settings.resources.first?.hasSuffix("/res") == true)
    }

    @Test func resourcesBesideAndBelowTheSettingsAreLoadedInTheOrderOfTheirPaths() throws {
        let folder = try TemporaryFolder()
        try folder.write(rollup("b"), to: "res/b.yaml")
        try folder.write(rollup("z"), to: "res/a/z.yml")
        let file = try folder.write(
            settings(required + "\n  resources: [res, s.yaml, res/b.yaml]") + "\n---\n" + rollup("own"), to: "s.yaml")
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: [:])
        #expect(loaded.problems.besidesPlainBrokers.isEmpty, "\(loaded.problems)")
        #expect(loaded.resources?.rollups.map(\.name) == ["own", "z", "b"])
    }

    @Test func optionsOutsideTheListAreProblemsAtTheirPlace() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            settings("kafka: {bootstrapServers: a:1, options: {linger.ms: 5, lingr.ms: 6}}\n  inputs: [{topic: t}]"),
            to: "s.yaml")
        let expected = [
            "\(file):5:68: spec.kafka.options.lingr.ms: the option \"lingr.ms\" is none that may be set; did you mean "
                + "\"linger.ms\"?"
        ]
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: [:]).problems
            .besidesPlainBrokers
        #expect(loaded.map(\.description) == expected)
        let checked = SettingsLoader(sinks: SinkKinds.all).check(paths: [file], environment: [:]).besidesPlainBrokers
        #expect(checked.map(\.description) == expected)
    }

    private static let mistakesInSettings: [Mistake] = [
        Mistake(
            "kafka: {}\n  inputs: [{topic: t}]",
            "5:10: spec.kafka: \"bootstrapServers\" is missing; add \"bootstrapServers: localhost:9092\""),
        Mistake(
            "kafka: {bootstrapServers: broker}\n  inputs: [{topic: t}]",
            "5:29: spec.kafka.bootstrapServers: \"broker\" is not HOST:PORT; write it such as broker-1:9092"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1, options: {enable.auto.commit: true}}\n  inputs: [{topic: t}]",
            "5:64: spec.kafka.options.enable.auto.commit: the option \"enable.auto.commit\" can't be set here: the exactness of "
                + "counts rests on it; remove it: offsets are committed when the results are acknowledged"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1, security: {mechanism: PLAIN}}\n  inputs: [{topic: t}]",
            "5:56: spec.kafka.security.mechanism: the protocol plaintext does not log in; set protocol to sasl_ssl, or "
                + "remove this key"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1, security: {protocol: sasl_ssl, mechanism: PLAIN, username: u}}\n  inputs: [{topic: t}]",
            "5:44: spec.kafka.security: the protocol sasl_ssl needs a password; add \"passwordFile:\", or \"password: "
                + "${NAME}\""
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1, security: {protocol: SASL_SSL}}\n  inputs: [{topic: t}]",
            "5:55: spec.kafka.security.protocol: \"SASL_SSL\" is none of: plaintext, ssl, sasl_plaintext, sasl_ssl; did you "
                + "mean \"sasl_ssl\"?"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: []",
            "6:11: spec.inputs: there is no input; write \"inputs: [{topic: cloudtrail}]\""),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: a b}]",
            "6:20: spec.inputs[0].topic: \"a b\" can't be a topic's name; use at most 249 letters, digits, \".\", \"_\" and \"-\""
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: t}, {topic: t}]",
            "6:32: spec.inputs[1].topic: the topic \"t\" is an input already; remove one of them"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: tidewatch.alerts}]",
            "6:20: spec.inputs[0].topic: the topic \"tidewatch.alerts\" is one that Tidewatch writes; read another topic, or "
                + "change outputs.prefix"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: t, format: vpcflow}]",
            "6:31: spec.inputs[0].format: \"vpcflow\" is none of: auto, cloudtrail, vpc-flow, metric-stream-json, "
                + "metric-stream-otlp, otlp-json, otlp, prometheus-remote-write; did you mean \"vpc-flow\"?"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: t, flowFields: version srcadr}]",
            "6:35: spec.inputs[0].flowFields: flow logs have no field \"srcadr\"; did you mean \"srcaddr\"?"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: t, format: otlp, flowFields: version}]",
            "6:49: spec.inputs[0].flowFields: \"flowFields\" goes with vpc-flow and auto alone; remove it"
        ),
        Mistake(
            required + "\n  flushInterval: 1ms",
            "7:18: spec.flushInterval: 1ms is too short; write a duration of at least 100ms, such as 2s"),
        Mistake(
            required + "\n  workers: {count: 0}",
            "7:20: spec.workers.count: 0 is out of range; write a whole number, 1 to 1024"),
        Mistake(
            required + "\n  http: {healthPort: 9090}",
            "7:9: spec.http: healthPort and metricsPort are both 9090; give each a port of its own"),
        Mistake(
            required + "\n  aggregation: {allowedLateness: 2d, lateHorizon: 1d}",
            "7:51: spec.aggregation.lateHorizon: lateHorizon is shorter than allowedLateness; make lateHorizon the longer one, "
                + "such as 3d"
        ),
        Mistake(
            "kafka: {bootstrapServers: a:1}\n  inputs: [{topic: t, allowedLateness: 2d}]\n  aggregation: {lateHorizon: 1d}",
            "6:40: spec.inputs[0].allowedLateness: allowedLateness is longer than aggregation.lateHorizon; make lateHorizon the "
                + "longer one, such as 3d"
        ),
        Mistake(
            required + "\n  decoding: {expandedBytesMax: 64MB}",
            "7:32: spec.decoding.expandedBytesMax: \"64MB\" is not a number of bytes; write one such as 64MiB"
        ),
        Mistake(
            required + "\n  decoding: {expandedBytesMax: 99999999999GiB}",
            "7:32: spec.decoding.expandedBytesMax: 99999999999GiB is out of range; write 1024 to 4294967296 bytes, such as 64MiB"
        ),
        Mistake(
            required + "\n  pagerDuty: {}",
            "7:14: spec.pagerDuty: \"routingKey\" is missing; add \"routingKey: ${PAGERDUTY_ROUTING_KEY}\", or routingKeyFile"
        ),
        Mistake(
            required + "\n  pagerDuty: {routingKey: kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk, endpoint: events.pagerduty.com}",
            "7:71: spec.pagerDuty.endpoint: the endpoint is no web address; write one such as "
                + "https://events.pagerduty.com/v2/enqueue"
        ),
        Mistake(
            required + "\n  pagerDuty: {routingKeyFile: nowhere}",
            "7:31: spec.pagerDuty.routingKeyFile: there is no file nowhere; check the path, which is relative to "
                + "the settings file"
        ),
        Mistake(
            required + "\n  logging: {level: warn}",
            "7:20: spec.logging.level: \"warn\" is none of: trace, debug, info, notice, warning, error, critical; write one of them"
        ),
        Mistake(required + "\n  loging: {}", "7:3: spec.loging: unknown key \"loging\"; did you mean \"logging\"?"),
        Mistake(
            required + "\n  http: {healthPort: '${PORT}'}",
            "7:22: spec.http.healthPort: the environment variable PORT is not set; set PORT, or write the value in place of ${PORT}"
        ),
    ]

    @Test(arguments: mistakesInSettings)
    func aMistakeInSettingsIsReported(_ mistake: Mistake) throws {
        let (spec, expected) = (mistake.text, mistake.expected)
        let loaded = try load(spec)
        #expect(loaded.problems == ["s.yaml:" + expected])
    }

    @Test func secretsAreShownByNoDescriptionAndNoProblem() throws {
        let secrets = ["hunter2-password", "hunter2routingAAAAAAAAAAAAAAAAAA", "hunter2-option"]
        let loaded = try load(
            """
            kafka:
                bootstrapServers: a:1
                options: {ssl.key.pem: hunter2-option, x: "hunter2-option ${"}
                security: {protocol: sasl_plaintext, mechanism: PLAIN, username: u, password: "hunter2-password", passwordFile: f}
              inputs: [{topic: t}]
              pagerDuty: {routingKey: "hunter2routingAAAAAAAAAAAAAAAAAA ${NOT_SET}"}
            """)
        // The fourth warns that the password is sent as it is.
        #expect(loaded.problems.count == 4, "\(loaded.problems)")
        let good = try load(
            """
            kafka:
                bootstrapServers: a:1
                options: {ssl.key.pem: hunter2-option}
                security: {protocol: sasl_plaintext, mechanism: PLAIN, username: u, password: "hunter2-password"}
              inputs: [{topic: t}]
              pagerDuty: {routingKey: hunter2routingAAAAAAAAAAAAAAAAAA}
            """)
        let settings = try #require(good.settings)
        var dumped = ""
        dump(settings, to: &dumped)
        let shown = loaded.problems + ["\(settings)", String(reflecting: settings), dumped]
        for secret in secrets {
            for text in shown { #expect(!text.contains(secret)) }
        }
        #expect(settings.kafka.security.password?.value == "hunter2-password")
    }

    @Test func aFileWithoutSettingsIsReported() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(rollup(), to: "r.yaml")
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: [:])
        #expect(loaded.settings == nil)
        #expect(
            loaded.problems.map(\.description) == [
                "\(file):1:1: .: the file holds no settings; add a document \"kind: Settings\" of apiVersion tidewatch/v1"
            ])
        let missing = SettingsLoader(sinks: SinkKinds.all).load(file: "\(folder.root)/none.yaml", environment: [:])
        #expect(
            missing.problems.map(\.message) == ["the file can't be read"]
                && missing.problems[0].file == "\(folder.root)/none.yaml")
    }

    @Test func settingsHaveNoPlaceAmongResources() {
        #expect(
            problems(of: settings(required)) == [
                "r.yaml:1:1: .: settings have no place among resources; give the file with --config, or remove the document"
            ])
    }

    @Test func checkTakesBothKindsOfDocumentAndReportsAllFilesInTheirOrder() throws {
        let folder = try TemporaryFolder()
        let a = try folder.write(
            settings("kafka: {bootstrapServers: x}\n  inputs: [{topic: t}]\n  resources: [res]"), to: "a.yaml")
        let b = try folder.write(
            rollup("one") + "\n---\n" + settings(required) + "\n---\n" + rollup("two", fields: "measure: 1"),
            to: "b.yaml")
        let c = try folder.write(rollup("one"), to: "res/c.yaml")
        #expect(
            SettingsLoader(sinks: SinkKinds.all).check(paths: [a, b], environment: [:]).besidesPlainBrokers.map(
                \.description) == [
                    "\(a):5:29: spec.kafka.bootstrapServers: \"x\" is not HOST:PORT; write it such as broker-1:9092",
                    "\(b):22:3: spec.measure: unknown key \"measure\"; did you mean \"measures\"?",
                    "\(c):3:18: metadata.name: there is another Rollup \"one\", at \(b):3; rename or remove one of them",
                ])
    }

    @Test func invalidUTF8HasItsPlace() throws {
        let folder = try TemporaryFolder()
        let file = "\(folder.root)/x.yaml"
        try Data(Array("a: b\ncé: ".utf8) + [0xFF, 0x0A]).write(to: URL(fileURLWithPath: file))
        #expect(
            ResourceLoader.load(paths: [file]).problems.map(\.description) == [
                "\(file):2:5: .: the file is not valid UTF-8; save it as UTF-8"
            ])
    }

    @Test func foldersWithoutFilesAndEmptyFilesAreReported() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "empty/x.txt")
        let empty = try folder.write("", to: "e.yaml")
        #expect(
            ResourceLoader.load(paths: ["\(folder.root)/empty", empty]).problems.map(\.message) == [
                "the folder holds no .yaml or .yml file", "the file holds no document",
            ])
    }
}
