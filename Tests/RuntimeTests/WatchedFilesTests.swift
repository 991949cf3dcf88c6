import Foundation
import Observability
import TestSupport
import Testing

@testable import KafkaClient
@testable import Runtime
@testable import Settings

/// Secrets that are replaced while a process runs.
@Suite struct WatchedFilesTests {
    private let folder: TemporaryFolder
    private let lines = LogLines()
    private let metrics = MetricsRegistry()

    init() throws { folder = try TemporaryFolder() }

    private func rereads(_ setting: String, _ result: String) -> Double? {
        metrics.value(.filesReread, [("setting", setting), ("result", result)])
    }

    @Test func aSecretIsTakenWhenItsFileIsLeftAloneAndAnUnusableOneIsNot() throws {
        let path = try folder.write("one\n", to: "key")
        let file = try SecretFile(path)
        #expect(file.current == Secret("one"))
        struct Short: Error {}
        file.follow { if $0.value.count < 3 { throw Short() } }
        let watched = WatchedFiles(
            [.init("k", [path]) { try file.reread() ? .taken : .same }], metrics: metrics, logger: lines.logger)
        for _ in 0..<3 { watched.look() }
        #expect(rereads("k", "taken") == 0)
        try folder.write("two\n", to: "key")
        watched.look()
        #expect(file.current == Secret("one"), "it may be half written")
        watched.look()
        #expect(file.current == Secret("two") && rereads("k", "taken") == 1)
        // By a new file in its place, as Kubernetes does it.
        try folder.write("4", to: "new")
        #expect(rename(folder.path("new"), path) == 0)
        for _ in 0..<3 { watched.look() }
        #expect(file.current == Secret("two") && rereads("k", "refused") == 1)
        #expect(unlink(path) == 0)
        for _ in 0..<3 { watched.look() }
        #expect(file.current == Secret("two") && rereads("k", "refused") == 2)
        let said = lines.take()
        #expect(said.count == 3 && said[0].hasPrefix("notice") && said[1].hasPrefix("error"), "\(said)")
        #expect(!said.joined().contains("two"))
    }

    @Test func whatIsReadAtAStartAloneAsksForOne() throws {
        let path = try folder.write("a", to: "ca.pem")
        let watched = WatchedFiles([.atStart("ca", path)], metrics: metrics, logger: lines.logger)
        for _ in 0..<2 { watched.look() }
        #expect(metrics.value(.restartNeeded, [("setting", "ca")]) == 0)
        try folder.write("b", to: "ca.pem")
        for _ in 0..<3 { watched.look() }
        #expect(metrics.value(.restartNeeded, [("setting", "ca")]) == 1)
        #expect(lines.take().count == 1)
    }

    @Test func allClientsOfSettingsHaveTheNewPassword() throws {
        let path = try folder.write("first", to: "password")
        var settings = Settings.KafkaSettings(bootstrapServers: ["127.0.0.1:1"])
        settings.security.protocolName = .saslPlaintext
        settings.security.mechanism = .plain
        settings.security.username = "me"
        let file = try SecretFile(path)
        settings.security.password = file.current
        let made = settings.clientSettings
        let credentials = try #require(made.credentials)
        #expect(made.options["sasl.password"] == "first")
        let producer = try KafkaProducer(settings: made)
        try folder.write("second", to: "password")
        #expect(try file.reread())
        #expect(credentials.password == "second")
        // Another, made of the same settings after the change.
        #expect(settings.clientSettings.credentials?.password == "second")
        _ = producer.close(timeout: .zero)
    }
}
