import Foundation
import Settings
import Sinks
import TestSupport
import Testing

/// What an auditor finds out with `sha256sum FILE… | cut -c1-64 | sort | sha256sum`.
@Suite struct FileDigestsTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func digest(_ paths: String...) -> String? {
        ResourceLoader.load(paths: paths.map(folder.path)).resources.files.combined
    }

    @Test func filesAreHashedByTheirBytesWhateverTheirNamesAndOrder() throws {
        let (first, second) = (rollup("a"), rollup("b") + "# a comment\n")
        _ = try folder.write(first, to: "one/x.yaml")
        _ = try folder.write(second, to: "one/deep/y.yml")
        _ = try folder.write(first, to: "two/z.yaml")
        _ = try folder.write(second, to: "two/a.yaml")
        let found = try #require(digest("one"))
        #expect(digest("two") == found)
        #expect(digest("two/z.yaml", "one/deep") == found)
        #expect(try sum(of: ["one/x.yaml", "one/deep/y.yml"]) == found)
        // One byte more, even of a comment, is another configuration.
        _ = try folder.write(second + "\n", to: "two/a.yaml")
        #expect(digest("two") != found)
        #expect(digest("one/x.yaml") != found)
    }

    /// By the recipe of docs/operations.md.
    private func sum(of files: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments =
            ["-c", #"sha256sum "$@" | cut -c1-64 | sort | sha256sum | cut -c1-64"#, "sh"]
            + files.map(folder.path)
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self).trimmingCharacters(in: .newlines)
    }

    @Test func settingsAreHashedAsTheyAreWrittenAndNoSecretIsInTheirHash() throws {
        _ = try folder.write(rollup("a"), to: "resources/a.yaml")
        let text = """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: estate}
            spec:
              kafka: {bootstrapServers: "${BROKERS}"}
              inputs: [{topic: cloudtrail}]
              resources: [resources]
            """
        let path = try folder.write(text, to: "settings.yaml")
        let loaded = ["b:1", "c:2"].map {
            SettingsLoader(sinks: SinkKinds.all).load(file: path, environment: ["BROKERS": $0])
        }
        #expect(loaded[0].settings?.kafka != loaded[1].settings?.kafka)
        let digests = loaded.map { $0.settings?.fileDigest }
        #expect(digests[0] == digests[1] && digests[0]?.count == 64)
        // Of the resources the settings are no part, whether they hold some or not.
        #expect(loaded[0].resources?.files.combined == digest("resources"))
    }

    @Test func withoutAFileThereIsNoDigest() {
        #expect(ResourceSet().files.combined == nil)
        #expect(ResourceLoader.load(text: rollup("a"), file: "r.yaml").resources.files.combined == nil)
    }
}
