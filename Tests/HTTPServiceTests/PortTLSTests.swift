import Foundation
import TestSupport
import Testing

@testable import HTTPService

/// TLS of the own ports: which versions, whose certificates, and what happens when files change.
@Suite struct PortTLSTests {
    private let folder: TemporaryFolder
    private let certificates: Certificates

    init() throws {
        folder = try TemporaryFolder()
        certificates = try Certificates(in: folder)
    }

    private func identity(onlyNewest: Bool = false) throws -> ServerIdentity {
        try ServerIdentity(
            .init(
                certificate: certificates.certificate, key: certificates.key, clientAuthority: certificates.authority),
            onlyNewest: onlyNewest)
    }

    @Test(.timeLimit(.minutes(2)), arguments: [false, true])
    func anOlderVersionAndPlainHTTPAreNotSpoken(onlyNewest: Bool) async throws {
        let trusted = ["--cacert", certificates.authority]
        try await PortFixture.serve(.health, try identity(onlyNewest: onlyNewest)) { _ in
        } body: { (port: PortFixture) throws in
            #expect(try port.get("/healthz", trusted + ["--tlsv1.3"]) == "ok\n")
            #expect(try port.get("/healthz", trusted + ["--tls-max", "1.2"]) == (onlyNewest ? nil : "ok\n"))
            #expect(
                try port.get("/healthz", trusted + ["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"])
                    == nil)
            #expect(try port.get("/healthz", [], scheme: "http") == nil)
        }
    }

    @Test(.timeLimit(.minutes(2))) func theMetricsPortAsksForACertificateAndTheHealthPortForNone() async throws {
        let trusted = ["--cacert", certificates.authority]
        let own = ["--cert", certificates.client.certificate, "--key", certificates.client.key]
        let stranger = try Certificates(in: folder, "stranger-").client
        try await PortFixture.serve(.metrics, try identity()) { _ in
        } body: { (port: PortFixture) throws in
            #expect(try port.get("/metrics", trusted) == nil)
            #expect(try port.get("/metrics", trusted + ["--cert", stranger.certificate, "--key", stranger.key]) == nil)
            #expect(try port.get("/metrics", trusted + own)?.contains("tidewatch_http_connections{") == true)
        }
        try await PortFixture.serve(.health, try identity()) { _ in
        } body: { (port: PortFixture) throws in
            #expect(try port.get("/healthz", trusted) == "ok\n")
        }
    }

    @Test(.timeLimit(.minutes(2))) func filesThatChangeAreThoseOfTheNextConnectionUnlessTheyDoNotFit() async throws {
        let identity = try identity()
        let new = try Certificates(in: folder, "new-")
        let (certificates, folder) = (certificates, folder)
        try await PortFixture.serve(.health, identity) { _ in
        } body: { (port: PortFixture) throws in
            let isNews = try identity.reread()
            #expect(!isNews)
            try folder.write(Data(contentsOf: URL(fileURLWithPath: new.certificate)), to: "localhost.pem")
            #expect(throws: ServerIdentity.Fault.self) { try identity.reread() }
            #expect(try port.get("/healthz", ["--cacert", certificates.authority]) == "ok\n")
            try folder.write(Data(contentsOf: URL(fileURLWithPath: new.key)), to: "localhost.key")
            #expect(try identity.reread())
            #expect(try port.get("/healthz", ["--cacert", certificates.authority]) == nil)
            #expect(try port.get("/healthz", ["--cacert", new.authority]) == "ok\n")
        }
    }
}
