import Foundation
import TestSupport
import Testing

/// `config check`: every problem at once, each with its place.
@Suite(.serialized) struct ConfigurationTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func tenMistakesGiveTenProblemsWithTheirPlaces() throws {
        let path = try folder.write(tenMistakes, to: "mistakes.yaml")
        let result = try Tidewatch.run(["config", "check", path], in: folder)
        #expect(result.status == 2)
        let lines = (result.output + result.error).split(separator: "\n").map(String.init)
        let problems = lines.filter { $0.hasPrefix(path) }
        #expect(problems.count == 10, "\(lines)")
        for problem in problems {
            // file:line:column: path: message; suggestion
            let place = problem.dropFirst(path.count)
            #expect(place.wholeMatch(of: /:[0-9]+:[0-9]+: [A-Za-z][^ ]*: .+/) != nil, "\(problem)")
        }
        for (line, key) in [
            (4, "metadata.name"), (46, "spec.rollup"), (14, "metricSource.type"), (22, "filter"), (24, "duration"),
            (26, "budgetingMethod"), (28, "target"), (37, "filtr"), (38, "groupBy"), (49, "alpha"),
        ] {
            #expect(
                problems.contains { $0.contains(":\(line):") && $0.contains(key) }, "line \(line), \(key): \(problems)")
        }
    }

    @Test func shippedExamplesAreFreeOfProblems() throws {
        let result = try Tidewatch.run(
            ["config", "check", "\(Tidewatch.repository)/deploy/examples"], in: folder,
            environment: ["KAFKA_BOOTSTRAP_SERVERS": "kafka:9092"])
        #expect(result.status == 0, "\(result.error)")
    }

    @Test func optionThatLibrdkafkaDoesNotKnowIsAProblem() throws {
        let path = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: x}
            spec:
              kafka:
                bootstrapServers: "b:1"
                options:
                  fetch.wait.max.ms: 50
                  fetch.wiat.max.ms: 50
                  linger.ms: soon
              inputs: [{topic: t}]
            """, to: "options.yaml")
        let result = try Tidewatch.run(["config", "check", path], in: folder)
        #expect(result.status == 2)
        #expect(result.error.contains("\(path):9:"), "\(result.error)")
        #expect(result.error.contains("\(path):10:"), "\(result.error)")
        #expect(result.error.contains("2 problems"), "\(result.error)")
    }

    @Test(arguments: ["health", "metrics"])
    func portInUseIsNamedWithItsSetting(server: String) throws {
        let (socket, port) = try LocalSocket.listening()
        defer { socket.close() }
        let ports = server == "health" ? (port, try freePort()) : (try freePort(), port)
        let path = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: x}
            spec:
              kafka: {bootstrapServers: "127.0.0.1:\(try freePort())"}
              inputs: [{topic: t}]
              http: {host: 127.0.0.1, healthPort: \(ports.0), metricsPort: \(ports.1)}
            """, to: "settings.yaml")
        let result = try Tidewatch.run(["run", "--config", path], in: folder)
        #expect(result.status == 1)
        #expect(result.error.contains("127.0.0.1:\(port)"), "\(result.error)")
        #expect(result.error.contains("http.\(server)Port"), "\(result.error)")
        // The group was not joined: no broker was asked for.
        #expect(!result.error.contains("broker"), "\(result.error)")
        // Each line is JSON, and the reason stands in one.
        let lines = try JSON.lines(Data(result.error.utf8))
        #expect(lines.filter { $0["level"] == .text("error") }.count == 1, "\(result.error)")
    }

    @Test func settingsWithAnUnknownKeySuggestTheRightOne() throws {
        let path = try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Settings
            metadata: {name: x}
            spec:
              kafka: {bootstrapServers: "b:1", groupId: g}
              inputs: [{topic: t}]
              resources: []
            """, to: "settings.yaml")
        let result = try Tidewatch.run(["run", "--config", path], in: folder)
        #expect(result.status == 2)
        #expect(result.error.contains("groupID"), "\(result.error)")
        #expect(result.error.contains("\(path):5:"))
    }
}

/// One mistake of each kind that people make: names, misspelt keys and values, units, references, ranges.
private let tenMistakes = """
    apiVersion: openslo/v1
    kind: SLO
    metadata:
      name: Cart_Availability
    spec:
      service: cart
      indicator:
        metadata:
          name: cart-requests
        spec:
          ratioMetric:
            # A bad in place of a good is right; its source's type is misspelt.
            bad:
              metricSource: {type: Cloudtrial, spec: {filter: has(event.errorCode)}}
            total:
              metricSource:
                # The source itself is right.
                type: CloudTrail
                # A filter is checked against the fields of its source.
                spec:
                  # eventSource is what was meant.
                  filter: event.eventSuorce == "ec2.amazonaws.com"
      timeWindow:
        - duration: 1M
          isRolling: true
      budgetingMethod: Occurences
      objectives:
        - target: 99.9
    ---
    apiVersion: tidewatch/v1
    kind: Rollup
    metadata:
      name: destination-ports
    spec:
      source: VPCFlow
      window: 1m
      filtr: event.log_status == "OK"
      groupBy: [interfaceid]
      measures:
        - {name: ports, distinct: dstport}
    ---
    apiVersion: tidewatch/v1
    kind: AnomalyMonitor
    metadata: {name: port-scan}
    spec:
      rollup: destination-port
      value: ports
      method:
        ewma: {alpha: 1.5, threshold: 5, warmup: 10}
    """
