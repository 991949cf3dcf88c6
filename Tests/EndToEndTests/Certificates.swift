import Foundation
import TestSupport
import Testing

/// A certificate for `localhost` with its key and authority, and another authority, made by `openssl` for one test.
struct Certificates {
    let authority: String
    let otherAuthority: String
    private let certificate: String
    private let key: String

    init(in folder: TemporaryFolder) throws {
        func make(_ name: String, _ more: [String]) throws -> (certificate: String, key: String) {
            let (certificate, key) = (folder.path("\(name).pem"), folder.path("\(name).key"))
            let request = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
            let all = request + ["-days", "2", "-subj", "/CN=\(name)", "-keyout", key, "-out", certificate] + more
            let run = Process()
            run.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            run.arguments = ["openssl"] + all
            run.standardError = FileHandle.nullDevice
            try run.run()
            run.waitUntilExit()
            try #require(run.terminationStatus == 0, "openssl made no certificate for \(name)")
            return (certificate, key)
        }
        let root = try make("authority", [])
        authority = root.certificate
        otherAuthority = try make("another", []).certificate
        (certificate, key) = try make(
            "localhost",
            ["-CA", root.certificate, "-CAkey", root.key, "-addext", "subjectAltName=DNS:localhost"]
                + ["-addext", "basicConstraints=critical,CA:FALSE"])
    }

    /// For `scripts/second-broker`.
    var brokerOptions: [String] { ["--certificate", certificate, "--key", key] }
}
