import Settings
import Sinks
import TestSupport
import Testing

/// What settings say of TLS, and what is warned of.
@Suite struct NetworkSettingsTests {
    private func load(
        _ spec: String, servers: String = "localhost:1", kafka: String = "", files: [String] = []
    ) throws -> (settings: RunSettings?, problems: [String]) {
        let folder = try TemporaryFolder()
        for file in files { try folder.write("x", to: file) }
        let path = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: s}
            spec:
              kafka: {bootstrapServers: '\(servers)'\(kafka.isEmpty ? "" : ", ")\(kafka)}
              inputs: [{topic: t}]
              \(spec)
            """, to: "s.yaml")
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: path, environment: [:])
        return (loaded.settings, loaded.problems.map { $0.description.replacing("\(folder.root)/", with: "") })
    }

    @Test func theVersionIsOneOfTwo() throws {
        #expect(try load("").settings?.tls.minimumVersion == .v12)
        for text in ["1.3", "\"1.3\""] {
            let loaded = try load("tls: {minimumVersion: \(text)}")
            #expect(loaded.settings?.tls.minimumVersion == .v13 && loaded.problems.isEmpty, "\(loaded.problems)")
            #expect(loaded.settings?.kafka.security.minimumVersion == .v13)
        }
        #expect(
            try load("tls: {minimumVersion: \"1.1\"}").problems == [
                "s.yaml:7:25: spec.tls.minimumVersion: \"1.1\" is none of: 1.2, 1.3; did you mean \"1.2\"?"
            ])
        let unknown = try load("tls: {minVersion: \"1.3\"}").problems
        #expect(unknown.count == 1 && unknown[0].contains("unknown key \"minVersion\""), "\(unknown)")
    }

    @Test func suitesOfAnOlderVersionContradictAndOthersAreWarnedOf() throws {
        let own = "security: {protocol: ssl}, options: {ssl.cipher.suites: AES128-SHA}"
        let warned = try load("", kafka: own)
        #expect(warned.settings != nil && warned.problems.count == 1)
        #expect(warned.problems[0].contains("spec.kafka.options.ssl.cipher.suites: warning: "), "\(warned.problems)")
        let refused = try load("tls: {minimumVersion: \"1.3\"}", kafka: own)
        #expect(refused.problems.count == 1 && !refused.problems[0].contains("warning"), "\(refused.problems)")
    }

    @Test func portsHaveCertificateAndKeyTogether() throws {
        let loaded = try load(
            "http: {tls: {certificateFile: c.pem, keyFile: k.pem, clientCAFile: a.pem}}",
            files: ["c.pem", "k.pem", "a.pem"])
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        #expect(loaded.settings?.http.tls?.certificateFile.hasSuffix("/c.pem") == true)
        #expect(loaded.settings?.http.tls?.clientCAFile?.hasSuffix("/a.pem") == true)
        let lone = try load("http: {tls: {certificateFile: c.pem}}", files: ["c.pem"]).problems
        #expect(lone.count == 1 && lone[0].contains("\"keyFile\" is missing; add \"keyFile: tls.key\""), "\(lone)")
        #expect(
            try load("http: {tls: {certificateFile: none.pem, keyFile: k.pem}}", files: ["k.pem"]).problems.first?
                .contains("can't be read; check the path, which is relative to the settings file") == true)
    }

    @Test(arguments: [
        ("b:1", "", 1), ("localhost:1,b:1", "", 1), ("localhost:1", "", 0), ("127.0.0.1:1,[::1]:2", "", 0),
        ("b:1", "security: {protocol: ssl}", 0), ("b:1", "security: {protocol: plaintext}", 1),
        ("b:1", "security: {protocol: sasl_plaintext, mechanism: PLAIN, username: u, password: p}", 1),
        ("b:1", "security: {protocol: sasl_plaintext, mechanism: SCRAM-SHA-512, username: u, password: p}", 1),
        ("b:1", "security: {protocol: sasl_ssl, mechanism: PLAIN, username: u, password: p}", 0),
    ])
    func whatGoesUnencryptedToAnotherMachineIsAWarning(servers: String, kafka: String, count: Int) throws {
        let loaded = try load("", servers: servers, kafka: kafka)
        #expect(loaded.settings != nil && loaded.problems.count == count, "\(loaded.problems)")
        #expect(loaded.problems.allSatisfy { $0.contains(": warning: ") && $0.contains("unencrypted") })
    }
}
