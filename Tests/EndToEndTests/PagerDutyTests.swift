import Foundation
import TestSupport
import Testing

/// `run` tells PagerDuty and a webhook of each alert, until they accept or refuse it.
@Suite(.serialized) struct PagerDutyTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let secret = "a secret of more than sixteen bytes"
    private static let routingKey = "abcdefghijklmnopqrstuvwxyzABCDEF"

    @Test(.timeLimit(.minutes(15)), arguments: Broker.Kind.tried)
    func eachAlertIsPostedInOrderUntilItIsAcceptedOrRefused(on kind: Broker.Kind) throws {
        let broker = try Broker(topics: Broker.allTopics, on: kind)
        let made = try Tidewatch.run(
            Tidewatch.generateEstate + ["--out", folder.path("estate"), "--bootstrap", broker.address], in: folder)
        try #require(made.status == 0, "\(made.error)")
        let replayed = try Tidewatch.run(
            ["replay", "--resources", Tidewatch.demoResources, "--out", folder.path("replay"), folder.path("estate")],
            in: folder)
        try #require(replayed.status == 0, "\(replayed.error)")
        let expected = Self.actions(of: try folder.jsonLines("replay/alerts.ndjson"))
        try #require(expected.count > 2 && expected.values.contains { $0.starts(with: ["trigger", "resolve"]) })
        let refusedKey = try #require(expected.keys.sorted().last)

        // Busy at first; then one dedup key is refused, as an event at fault would be.
        let server = try EventsServer { event, earlier in
            earlier.isEmpty ? 503 : event["dedup_key"].text == refusedKey ? 400 : 202
        }
        // Answers with 500 to every third request.
        let hook = try EventsServer { _, earlier in earlier.count % 3 == 1 ? 500 : 200 }
        defer {
            server.stop()
            hook.stop()
        }
        try folder.write(Self.secret + "\n", to: "secret")
        let settings = try folder.writeSettings(
            broker: broker.address, ports: [try freePort(), try freePort()],
            """
            alerts: {maxAge: 36500d}
            pagerDuty:
              routingKey: \(Self.routingKey)
              endpoint: http://127.0.0.1:\(server.port)/v2/enqueue
            sinks:
              - {name: hook, webhook: {url: "http://127.0.0.1:\(hook.port)/in", secretFile: secret}}
            """)
        let consumer = try Tidewatch.prepared(["run", "--config", settings])
        let log = folder.path("run.log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        consumer.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
        try consumer.run()
        defer { if consumer.isRunning { kill(consumer.processIdentifier, SIGKILL) } }
        let count = expected.values.map(\.count).reduce(0, +)
        let isDone = server.wait(patience) { $0.filter { $0.status != 503 }.count >= count }
        let isHooked = hook.wait(patience) { $0.filter { $0.status == 200 }.count >= count }
        // A refusal becomes a dead letter after its answer; a stop in between would leave it to the next start.
        let refusals = expected[refusedKey]?.count ?? 0
        let deadline = ContinuousClock.now + patience
        while ContinuousClock.now < deadline, try broker.records("tidewatch.deadletter").count < refusals {}
        consumer.terminate()
        consumer.awaitEnd()
        let said = try folder.text("run.log").suffix(3000)
        #expect(isDone, "\(server.requests.count) of \(count): \(said)")
        #expect(isHooked, "\(hook.requests.count) of \(count): \(said)")
        try expectCloudEvents(hook.requests, expected)
        #expect(consumer.terminationStatus == 0)

        let requests = server.requests
        try #require(requests.count == count + 1)
        #expect(requests[0].status == 503)
        #expect(requests.dropFirst().contains { $0.event == requests[0].event }, "what met a 503 is sent again")
        var sent: [String: [String]] = [:]
        for request in requests.dropFirst() {
            sent[request.event["dedup_key"].text ?? "", default: []].append(request.event["event_action"].text ?? "")
        }
        #expect(sent == expected)
        for request in requests { expectWellFormed(request) }
        // Both kinds of failure are in the log, with PagerDuty's own words, and that the first one is over.
        let logged = try JSON.lines(folder.data("run.log"))
        let busy = logged.filter { $0["message"].text?.hasPrefix("PagerDuty takes no alerts") == true }
        #expect(busy.count == 1 && busy.first?["cause"] == .text("status 503: Answered"), "\(busy)")
        #expect(logged.filter { $0["message"] == .text("PagerDuty answers again") }.count == 1)
        let refusedLines = logged.filter { $0["level"] == .text("error") }
        #expect(refusedLines.count == refusals && refusedLines.allSatisfy { $0["answer"] == .text("Answered") })
        #expect(refusedLines.allSatisfy { $0["status"].number == 400 }, "\(refusedLines)")
        try expectDeadLetters(broker, key: refusedKey, actions: expected[refusedKey] ?? [])
    }

    /// Each transition once by its id, in the order of its alert, signed as the documentation says.
    private func expectCloudEvents(_ requests: [EventsServer.Request], _ expected: [String: [String]]) throws {
        let taken = requests.filter { $0.status == 200 }
        #expect(Set(taken.map { $0.event["id"].text }).count == taken.count)
        var sent: [String: [String]] = [:]
        for request in taken {
            let action = request.event["data"]["status"] == .text("open") ? "trigger" : "resolve"
            sent[request.event["subject"].text ?? "", default: []].append(action)
        }
        #expect(sent == expected)
        for request in requests {
            #expect(request.line == "POST /in HTTP/1.1")
            #expect(request.headers["content-type"] == "application/cloudevents+json")
            #expect(request.event["specversion"] == .text("1.0") && request.event["type"].text?.isEmpty == false)
            #expect(request.event["data"]["dedup_key"] == request.event["subject"])
        }
        let text = try String(contentsOfFile: "\(Tidewatch.repository)/docs/sinks.md", encoding: .utf8)
        let documented = try #require(text.firstMatch(of: /```python\n([^`]+)```/)).output.1
        let first = try #require(requests.first)
        let header = first.headers["tidewatch-signature"] ?? ""
        try first.body.write(to: URL(fileURLWithPath: folder.path("body")))
        try folder.write(
            """
            \(documented)
            body, secret, header = open("body", "rb").read(), b"\(Self.secret)", "\(header)"
            print(is_genuine(header, body, secret), is_genuine(header, body + b" ", secret),
                  is_genuine(header, body, b"another"), is_genuine(header, body, secret, lambda: time.time() + 3600))
            """, to: "verify.py")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "verify.py"]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.path("."))
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.awaitEnd()
        #expect(said == "True False False False\n")
    }

    /// What PagerDuty needs of an event, by its documentation of the Events API v2.
    private func expectWellFormed(_ request: EventsServer.Request) {
        let event = request.event
        #expect(request.line == "POST /v2/enqueue HTTP/1.1")
        #expect(event["routing_key"] == .text(Self.routingKey))
        #expect((1...255).contains(event["dedup_key"].text?.count ?? 0))
        guard event["event_action"] == .text("trigger") else { return }
        #expect((1...1024).contains(event["payload"]["summary"].text?.count ?? 0), "\(event)")
        #expect(event["payload"]["source"].text?.isEmpty == false, "\(event)")
        #expect(["critical", "error", "warning", "info"].contains(event["payload"]["severity"].text), "\(event)")
    }

    /// Every transition of the refused key, as it stands in the feed, and nothing else.
    private func expectDeadLetters(_ broker: Broker, key: String, actions: [String]) throws {
        let refused = try broker.records("tidewatch.deadletter")
        #expect(refused.map { $0.headers["tidewatch_reason"] } == actions.map { _ in "pagerduty_refused" })
        #expect(refused.allSatisfy { $0.headers["tidewatch_detail"]?.contains("400: Answered") == true })
        let feed = try broker.records("tidewatch.alerts").filter { try $0.json()["dedup_key"].text == key }
        #expect(Set(refused.map(\.value)) == Set(feed.map(\.value)))
        #expect(Self.actions(of: try feed.map { try $0.json() }) == [key: actions])
    }

    /// The actions that transitions stand for, in their order, by dedup key.
    private static func actions(of transitions: [JSON]) -> [String: [String]] {
        transitions.reduce(into: [:]) { actions, transition in
            let action = transition["status"] == .text("open") ? "trigger" : "resolve"
            actions[transition["dedup_key"].text ?? "", default: []].append(action)
        }
    }
}
