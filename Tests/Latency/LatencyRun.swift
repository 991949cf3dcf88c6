import Foundation
import TelemetryModel
import TestSupport

/// One broker, one consumer, one PagerDuty, and all alerts of both kinds.
struct LatencyRun {
    private let options: LatencyOptions
    private let kind: LatencyOptions.Broker
    private let folder: URL
    private static let patience = Duration.seconds(120)

    init(_ options: LatencyOptions, on kind: LatencyOptions.Broker) throws {
        self.options = options
        self.kind = kind
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tidewatch-latency-\(kind.rawValue)-\(ProcessInfo.processInfo.processIdentifier)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    /// Whether every alert was paged once, and in time.
    func holds() throws -> Bool {
        let plan = LatencyPlan(alerts: options.alerts, secondsSince1970: Int64(Date().timeIntervalSince1970))
        let inbox = try PageInbox()
        defer { inbox.stop() }
        let broker = try LatencyBroker(kind, options)
        let sockets = try (0..<2).map { _ in try LocalSocket.listening() }
        let ports = sockets.map(\.port)
        for (socket, _) in sockets { socket.close() }
        print(
            "latency: \(kind.rawValue) broker, \(plan.objectives * LatencyKind.allCases.count) alerts in \(plan.slices) slices, "
                + "seed \(options.seed)")
        let production = try LatencyProduction(plan, to: broker, seed: options.seed)
        defer { production.go(at: .now) }
        let log = folder.appendingPathComponent("run.log")
        let consumer = try start(settings(plan, broker, inbox, ports), log: log)
        defer {
            consumer.terminate()
            consumer.waitUntilExit()
        }
        guard
            eventually(
                within: Self.patience, while: { consumer.isRunning }, { get("readyz", port: ports[0]) != nil })
        else { throw LatencyOptions.Problem(description: "the consumer is not ready, see \(log.path)") }
        production.go(at: .now + .seconds(2))
        let completed = try production.completed(within: LatencyPlan.slice * (plan.slices + 2) + Self.patience)
        let expected = plan.objectives * LatencyKind.allCases.count
        _ = eventually(within: .seconds(30), while: { consumer.isRunning }) { inbox.pages.count >= expected }
        let holds = judge(plan, completed, inbox.pages)
        let exposition = get("metrics", port: ports[1]) ?? ""
        show(exposition)
        if holds {
            try FileManager.default.removeItem(at: folder)
        } else {
            try Data(exposition.utf8).write(to: folder.appendingPathComponent("metrics.txt"))
            print("latency: see \(folder.path)")
        }
        return holds
    }

    private func settings(_ plan: LatencyPlan, _ broker: LatencyBroker, _ inbox: PageInbox, _ ports: [Int]) throws
        -> URL
    {
        let resources = folder.appendingPathComponent("resources.yaml")
        try Data(plan.resources.utf8).write(to: resources)
        let url = folder.appendingPathComponent("settings.yaml")
        let text = """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: latency}
            spec:
              kafka:
                bootstrapServers: "\(broker.address)"
                groupID: latency
                \(kind == .embedded ? "options: {fetch.wait.max.ms: 20}" : "")
              inputs:
            \(LatencyKind.allCases.map { "    - {topic: \($0.topic), format: \($0.format)}" }.joined(separator: "\n"))
              outputs: \(kind == .embedded ? "{createTopics: false}" : "{createTopics: true, replicationFactor: 1}")
              http: {host: 127.0.0.1, healthPort: \(ports[0]), metricsPort: \(ports[1])}
              pagerDuty: {routingKey: \(PageInbox.routingKey), endpoint: "\(inbox.address)"}
              resources: ["\(resources.path)"]
            """
        try Data(text.utf8).write(to: url)
        return url
    }

    private func start(_ settings: URL, log: URL) throws -> Process {
        _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        let process = Process()
        process.executableURL = options.binary
        process.arguments = ["run", "--config", settings.path]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        return process
    }

    private func judge(
        _ plan: LatencyPlan, _ completed: [LatencyKind: [ContinuousClock.Instant]],
        _ pages: [String: [ContinuousClock.Instant]]
    ) -> Bool {
        var holds = true
        for kind in LatencyKind.allCases {
            var times: [Duration] = []
            var wrong: [String] = []
            for number in 0..<plan.objectives {
                let paged = pages[kind.name(number)] ?? []
                if paged.count != 1 { wrong.append("\(kind.name(number)) \(paged.count) times") }
                guard let first = paged.first, let begins = completed[kind] else { continue }
                times.append(begins[plan.sliceThatDecides(number, kind)].duration(to: first))
            }
            if !wrong.isEmpty {
                print("latency: \(wrong.count) SLOs were not paged once: \(wrong.prefix(5).joined(separator: ", "))")
                holds = false
            }
            let figures = LatencyFigures(times)
            print("latency: \(kind.rawValue): \(figures)")
            if times.contains(where: { $0 < .zero }) {
                print("latency: a page came before its slice was complete")
                holds = false
            }
            if figures.quantile(0.99) >= options.limit {
                print("latency: the 99th percentile of \(kind.rawValue) is not below \(options.limit)")
                holds = false
            }
        }
        return holds
    }

    /// What the consumer says itself of each step.
    private func show(_ exposition: String) {
        for line in exposition.split(separator: "\n") where line.hasPrefix("tidewatch_page_") {
            guard line.contains("_sum") || line.contains("_count") else { continue }
            print("  \(line)")
        }
    }

    /// The body of an answer with status 200.
    private func get(_ path: String, port: Int) -> String? {
        guard let socket = LocalSocket.connected(to: port) else { return nil }
        defer { socket.close() }
        socket.send(Array("GET /\(path) HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n".utf8))
        var bytes: [UInt8] = []
        while let part = socket.receive(atMost: 65_536) { bytes += part }
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("HTTP/1.1 200"), let end = text.range(of: "\r\n\r\n") else { return nil }
        return String(text[end.upperBound...])
    }
}
