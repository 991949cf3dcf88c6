import Foundation
import TestSupport
import Testing

/// `replay` over a generated estate, held against what really happened.
@Suite(.serialized) struct ReplayTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func replay(to name: String, _ input: String) throws -> Tidewatch.Result {
        try Tidewatch.run(
            ["replay", "--resources", Tidewatch.demoResources, "--out", folder.path(name), input], in: folder)
    }

    @Test func twoRunsWriteTheSameBytesAndCountWhatTheLedgerSays() throws {
        let generated = try Tidewatch.run(
            [
                "generate", "--seed", "41", "--minutes", "30", "--cloudtrail-per-minute", "100",
                "--flow-logs-per-minute", "500", "--incident", "all", "--out", folder.path("estate"), "--ledger",
                folder.path("ledger.json"),
            ], in: folder)
        #expect(generated.status == 0)
        for name in ["first", "second"] { #expect(try replay(to: name, folder.path("estate")).status == 0) }
        var first = try folder.files(below: "first")
        var second = try folder.files(below: "second")
        let statistics = try folder.json("first/stats.json")
        first["stats.json"] = nil
        second["stats.json"] = nil
        #expect(first == second)
        for name in ["alerts.ndjson", "audit.ndjson", "windows.ndjson", "deadletter.ndjson", "report.json"] {
            #expect(first[name] != nil, "\(name)")
        }

        let ledger = try folder.json("ledger.json")
        let counts = ["cloudtrail", "vpc_flow", "metric"].compactMap { ledger["events"][$0].number }
        #expect(statistics["events"].number == counts.reduce(0, +))
        #expect(totals(try folder.json("first/report.json")["slos"]) == totals(ledger["slos"]))

        let incidents = ledger["incidents"].items
        #expect(incidents.count == 3)
        let opened = try folder.jsonLines("first/alerts.ndjson").filter { $0["status"].text == "open" }
        for incident in incidents {
            let target = try #require(incident["target"].text)
            let start = try #require(incident["start"].text)
            #expect(
                opened.contains { ($0["summary"].text ?? "").contains(target) && ($0["time"].text ?? "") >= start },
                "\(target)")
        }
    }

    @Test func hugeRecordIsRefusedInBoundedMemory() throws {
        let line = Data(#"{"eventVersion":""#.utf8) + Data(repeating: 0x61, count: 50 << 20) + Data("\"}\n".utf8)
        try folder.write(line, to: "huge.jsonl")
        try expectRefusal("huge.jsonl", reason: "too_large")
    }

    @Test func decompressionBombIsRefusedInBoundedMemory() throws {
        let make = Process()
        make.executableURL = URL(fileURLWithPath: "/bin/sh")
        make.arguments = ["-c", "head -c 300000000 /dev/zero | gzip -9 > \"$0\"", folder.path("bomb.gz")]
        try make.run()
        make.awaitEnd()
        #expect(try folder.data("bomb.gz").count < 1 << 20)
        try expectRefusal("bomb.gz", reason: "too_large")
    }

    @Test func deepNestingIsRefused() throws {
        let deep = String(repeating: "[", count: 10_000) + String(repeating: "]", count: 10_000)
        try folder.write(#"{"eventVersion":"1.08","requestParameters":\#(deep)}"# + "\n", to: "deep.jsonl")
        try expectRefusal("deep.jsonl", reason: "nesting_too_deep")
    }

    /// Replays one file of which nothing can be decoded.
    private func expectRefusal(_ name: String, reason: String) throws {
        let result = try replay(to: "out-\(name)", folder.path(name))
        #expect(result.status == 0, "\(result.error)")
        let statistics = try folder.json("out-\(name)/stats.json")
        #expect(statistics["events"].number == 0)
        #expect(statistics["dead_lettered"].members.filter { $0.value != .number(0) } == [reason: .number(1)])
        #expect((statistics["peak_memory_bytes"].number ?? .infinity) < 300e6, "\(statistics)")
    }

    /// Linux hands the peak of a parent on to what it starts, so this test is such a parent.
    @Test func peakMemoryIsNotThatOfTheStartingProcess() throws {
        let bytes = 400 << 20
        let pages = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
        try #require(pages != MAP_FAILED)
        defer { munmap(pages, bytes) }
        let path = try folder.write("", to: "empty.jsonl")
        #expect(try replay(to: "small", path).status == 0)
        let peak = try #require(try folder.json("small/stats.json")["peak_memory_bytes"].number)
        #expect((1e6..<300e6).contains(peak))
    }

    @Test func millionGroupsAreFoldedAndTheTotalStaysExact() throws {
        var lines = Data()
        for number in 0..<1_000_000 {
            let address = "10.\(number >> 16).\((number >> 8) & 255).\(number & 255)"
            lines += Data("2 123456789012 eni-0a \(address) 10.0.0.1 1 2 6 1 1 1700000000 1700000030 ACCEPT OK\n".utf8)
        }
        try folder.write(lines, to: "flows.log")
        try folder.write(
            """
            apiVersion: tidewatch/v1
            kind: Rollup
            metadata: {name: sources}
            spec:
              source: VPCFlow
              window: 1m
              groupBy: [srcaddr]
              measures: [{name: flows, count: true}]
            """, to: "rollup.yaml")
        let result = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("rollup.yaml"), "--format", "vpc-flow", "--outputs", "rollups",
                "--out", folder.path("groups"), folder.path("flows.log"),
            ], in: folder)
        #expect(result.status == 0, "\(result.error)")
        let rows = try folder.text("groups/rollups/sources.csv").split(separator: "\n").dropFirst()
        let total = rows.compactMap { $0.split(separator: ",").last.flatMap { Int($0) } }.reduce(0, +)
        #expect(total == 1_000_000)
        #expect(rows.count < 1_000_000)
        #expect(rows.contains { $0.contains("other") })
        #expect((try folder.json("groups/stats.json")["peak_memory_bytes"].number ?? .infinity) < 300e6)
    }
}

/// Good and total of each objective, by name.
func totals(_ objectives: JSON) -> [String: [Double?]] {
    Dictionary(
        uniqueKeysWithValues: objectives.items.map { ($0["name"].text ?? "", [$0["good"].number, $0["total"].number]) })
}
