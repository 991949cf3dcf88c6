import Settings
import Sinks
import TelemetryModel
import TestSupport
import Testing

/// The keys of records of our own: from files alone, long enough, and in no message.
@Suite struct MACSettingsTests {
    private func load(_ mac: String, _ files: [String: String] = [:]) throws -> (mac: MACSettings?, problems: [String])
    {
        let folder = try TemporaryFolder()
        for (name, text) in files { _ = try folder.write(text, to: name) }
        let file = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: s}
            spec:
              kafka: {bootstrapServers: 127.0.0.1:9092}
              inputs: [{topic: t}]
              outputs: {mac: \(mac)}
            """, to: "s.yaml")
        let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: [:])
        return (
            loaded.settings?.outputs.mac,
            loaded.problems.map { $0.description.replacing("\(folder.root)/s.yaml:", with: "") }
        )
    }

    private let key = String(repeating: "k", count: 32)

    @Test func keysComeFromFilesWithoutTheirLinesEnd() throws {
        let former = String(repeating: "f", count: 40)
        let loaded = try load(
            "{keyFile: a.key, verificationKeyFiles: [b.key], requiredSince: 2026-12-01T00:00:00Z}",
            ["a.key": key + "\n", "b.key": former + "\r\n"])
        #expect(loaded.problems.isEmpty, "\(loaded.problems)")
        var expected = MACSettings(key: Secret(key))
        expected.verificationKeys = [Secret(former)]
        expected.requiredSince = Timestamp(rfc3339: "2026-12-01T00:00:00Z")
        #expect(loaded.mac == expected)
        #expect(!"\(loaded.mac.debugDescription)".contains("kkkk"))
    }

    @Test func aKeyThatIsTooShortMissingOrInTheSettingsIsRefused() throws {
        let short = try load("{keyFile: a.key}", ["a.key": String(key.dropLast())])
        #expect(short.mac == nil)
        #expect(
            short.problems.contains { $0.contains("the key in the file has 31 bytes, and 32 are the least") },
            "\(short.problems)")
        #expect(short.problems.allSatisfy { !$0.contains("kkkk") })
        #expect(
            try load("{keyFile: none.key}").problems.contains {
                $0.contains("there is no file ") && $0.contains("none.key")
            })
        #expect(try load("{}").problems.contains { $0.contains("\"keyFile\" is missing") })
        #expect(try load("{keyFile: a.key, key: \(key)}", ["a.key": key]).problems.contains { $0.contains("\"key\"") })
        let time = try load("{keyFile: a.key, requiredSince: yesterday}", ["a.key": key])
        #expect(time.problems.contains { $0.contains("\"yesterday\" is no time") }, "\(time.problems)")
        let many = try load(
            "{keyFile: a.key, verificationKeyFiles: [\(String(repeating: "a.key, ", count: 9))]}", ["a.key": key])
        #expect(many.problems.contains { $0.contains("there are 9 keys") }, "\(many.problems)")
    }
}
