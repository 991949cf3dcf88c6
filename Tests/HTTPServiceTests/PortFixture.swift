import Foundation
import Logging
import Observability
import TestSupport

@testable import HTTPService

/// One of the own ports, served while a test runs.
struct PortFixture: Sendable {
    enum Kind: String { case health, metrics }

    let kind: Kind
    let port: Int
    let metrics: MetricsRegistry

    /// - Parameter body: runs on a thread of its own, because it waits.
    static func serve(
        _ kind: Kind, _ identity: ServerIdentity? = nil, _ change: (inout ConnectionLimits) -> Void = { _ in },
        metrics: MetricsRegistry = MetricsRegistry(), body: @escaping @Sendable (PortFixture) throws -> Void
    ) async throws {
        var limits = ConnectionLimits(filesMax: 1024)
        change(&limits)
        let logger = Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() }
        let port = ObservabilityServer.Port(host: "127.0.0.1", number: 0, identity: identity, limits: limits)
        let server =
            switch kind {
            case .health: ObservabilityServer.health(on: port, readiness: Readiness(), metrics: metrics, logger: logger)
            case .metrics: ObservabilityServer.metrics(on: port, registry: metrics, logger: logger)
            }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.run() }
            let number = try await server.awaitListening()
            try await onOwnThread { try body(PortFixture(kind: kind, port: number, metrics: metrics)) }
            group.cancelAll()
        }
    }

    func closed(_ reason: String) -> Double? {
        metrics.value(.httpConnectionsClosed, [("server", kind.rawValue), ("reason", reason)])
    }

    /// What `curl` gets; nil where it gets no answer.
    func get(_ path: String, _ options: [String], scheme: String = "https") throws -> String? {
        let client = Process()
        client.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        client.arguments = ["curl", "-s", "--max-time", "30"] + options + ["\(scheme)://localhost:\(port)\(path)"]
        let output = Pipe()
        client.standardOutput = output
        try client.run()
        let body = output.fileHandleForReading.readDataToEndOfFile()
        client.waitUntilExit()
        return client.terminationStatus == 0 ? String(decoding: body, as: UTF8.self) : nil
    }
}

extension LocalSocket {
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Up to the end of the answer, or of the connection.
    func answer(endingIn end: String) -> String {
        var text = ""
        while !text.hasSuffix(end), let bytes = receive(atMost: 4096) { text += String(decoding: bytes, as: UTF8.self) }
        return text
    }
}
