import Foundation

/// A certificate for `localhost` with its key and authority, and another authority, made by `openssl` for one test.
public struct Certificates: Sendable {
    public let authority: String
    public let otherAuthority: String
    public let certificate: String
    public let key: String
    /// Of a client, by the same authority.
    public let client: (certificate: String, key: String)

    public struct Failure: Error {}

    /// - Parameter name: what the files' names begin with.
    public init(in folder: TemporaryFolder, _ name: String = "") throws {
        func make(_ what: String, _ more: [String]) throws -> (certificate: String, key: String) {
            let (certificate, key) = (folder.path("\(name)\(what).pem"), folder.path("\(name)\(what).key"))
            let request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            let all = request + ["-days", "2", "-subj", "/CN=\(what)", "-keyout", key, "-out", certificate] + more
            let run = Process()
            run.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            run.arguments = ["openssl"] + all
            run.standardError = FileHandle.nullDevice
            try run.run()
            run.waitUntilExit()
            guard run.terminationStatus == 0 else { throw Failure() }
            return (certificate, key)
        }
        let root = try make("authority", [])
        authority = root.certificate
        otherAuthority = try make("another", []).certificate
        let signed = ["-CA", root.certificate, "-CAkey", root.key, "-addext", "basicConstraints=critical,CA:FALSE"]
        (certificate, key) = try make("localhost", signed + ["-addext", "subjectAltName=DNS:localhost"])
        client = try make("client", signed)
    }

    /// For `scripts/second-broker`.
    public var brokerOptions: [String] { ["--certificate", certificate, "--key", key] }
}
