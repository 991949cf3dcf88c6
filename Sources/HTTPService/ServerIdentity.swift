import Foundation
// Brings NIOSSL in.
import HummingbirdTLS
import NIOSSL
import Synchronization

/// Certificate and key of the own ports, which are read again when their files change: the next connection has the new ones.
public final class ServerIdentity: Sendable {
    public struct Files: Sendable {
        let certificate: String
        let key: String
        /// Of the authorities whose certificate a client must have, where one is asked for.
        let clientAuthority: String?

        public init(certificate: String, key: String, clientAuthority: String?) {
            self.certificate = certificate
            self.key = key
            self.clientAuthority = clientAuthority
        }

        public var paths: [String] { [certificate, key] + (clientAuthority.map { [$0] } ?? []) }
    }

    /// That no server can be made of the files, with the setting that names them.
    public struct Fault: Error, CustomStringConvertible, Sendable {
        public let description: String
    }

    private struct Contexts: Sendable {
        let contents: [Data]
        let open: NIOSSLContext
        /// For clients with a certificate.
        let closed: NIOSSLContext?
    }

    public let files: Files
    private let isNewest: Bool
    private let contexts: Mutex<Contexts>

    /// - Parameter onlyNewest: whether TLS 1.3 alone is spoken; else 1.2 too.
    public init(_ files: Files, onlyNewest: Bool) throws(Fault) {
        self.files = files
        isNewest = onlyNewest
        contexts = Mutex(try ServerIdentity.read(files, onlyNewest))
    }

    /// Reads the files again. What can't be used leaves the former in use.
    ///
    /// - Returns: whether they hold something else.
    public func reread() throws -> Bool {
        let new = try ServerIdentity.read(files, isNewest)
        return contexts.withLock { contexts in
            if contexts.contents == new.contents { return false }
            contexts = new
            return true
        }
    }

    func context(asksForCertificate: Bool) -> NIOSSLContext {
        contexts.withLock { asksForCertificate ? $0.closed ?? $0.open : $0.open }
    }

    private static func read(_ files: Files, _ onlyNewest: Bool) throws(Fault) -> Contexts {
        do {
            let contents = try files.paths.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            let chain = try NIOSSLCertificate.fromPEMBytes(Array(contents[0]))
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(contents[1]), format: .pem)))
            configuration.minimumTLSVersion = onlyNewest ? .tlsv13 : .tlsv12
            configuration.cipherSuiteValues = [
                .TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, .TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                .TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, .TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
                .TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, .TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
            ]
            let open = try NIOSSLContext(configuration: configuration)
            guard contents.count > 2 else { return Contexts(contents: contents, open: open, closed: nil) }
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(contents[2])))
            return Contexts(
                contents: contents, open: open, closed: try NIOSSLContext(configuration: configuration))
        } catch {
            throw Fault(description: "http.tls: no server can be made of its certificate and key: \(error)")
        }
    }
}
