import Decoding
import Foundation
import TestSupport
import Testing

@testable import Replay

/// Every event of a file is a JSON line, and every record that is none is a line of the dead letters.
@Suite struct EventPrinterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private struct Printed {
        let lines: [[String: Any]]
        let dead: [[String: Any]]
        let counts: EventPrinter.Counts

        func values(_ key: String) -> [String] { lines.map { "\($0[key] ?? "")" } }

        var records: [Int] { lines.compactMap { ($0["position"] as? [String: Any])?["record"] as? Int } }
    }

    private final class Output {
        var events: [UInt8] = []
        var dead: [UInt8] = []
    }

    private func print(_ files: [String], limits: DecodingLimits = DecodingLimits()) throws -> Printed {
        let output = Output()
        var printer = EventPrinter(
            format: .auto, flowFields: nil, limits: limits, print: { output.events += $0 },
            deadLetter: { output.dead += $0 })
        for file in files {
            var seen: [Int] = []
            try printer.print(file: file) { seen.append($0) }
            let size = try Data(contentsOf: URL(fileURLWithPath: file)).count
            #expect(seen.last == size, "all of the file was read")
        }
        func lines(_ bytes: [UInt8]) throws -> [[String: Any]] {
            try bytes.split(separator: 0x0A).map {
                try #require(try JSONSerialization.jsonObject(with: Data($0)) as? [String: Any])
            }
        }
        return Printed(lines: try lines(output.events), dead: try lines(output.dead), counts: printer.counts)
    }

    @Test func eventsOfAllKindsArePrintedWithTheirPlaces() throws {
        let metric =
            #"{"metric_stream_name":"s","account_id":"123456789012","region":"eu-central-1","namespace":"AWS/EC2","#
            + #""metric_name":"CPU","dimensions":{"InstanceId":"i-1"},"timestamp":1768467600000,"#
            + #""value":{"max":3,"min":1,"sum":4,"count":2},"unit":"Percent"}"#
        let files = [
            try folder.write(SmallEstate.calls.prefix(3).map(\.json).joined(separator: "\n"), to: "calls.json"),
            try folder.write(SmallEstate.flows.prefix(2).map { $0.line + "\n" }.joined(), to: "flows.log"),
            try folder.write(metric + "\n", to: "metrics.json"),
        ]
        let printed = try print(files)
        #expect(printed.values("type") == ["cloudtrail", "cloudtrail", "cloudtrail", "vpc_flow", "vpc_flow", "metric"])
        #expect(printed.records == [0, 1, 2, 0, 1, 0])
        #expect(printed.counts.decoded == 6 && printed.counts.deadLetteredTotal == 0 && printed.dead.isEmpty)
        #expect(printed.values("time").first == "2026-01-15T09:00:00Z")
        let call = try #require(printed.lines[1]["event"] as? NSDictionary)
        let written = try JSONSerialization.jsonObject(with: Data(SmallEstate.calls[1].json.utf8)) as? NSDictionary
        #expect(call == written)
        let flow = try #require(printed.lines[4]["event"] as? [String: Any])
        #expect(flow["bytes"] as? Int == SmallEstate.flows[1].bytes)
        #expect(flow["srcaddr"] as? String == SmallEstate.flows[1].source)
    }

    @Test func moreThanIsGatheredIsPrintedInOrder() throws {
        let calls = SmallEstate.calls
        let file = try folder.write(calls.map { $0.json + "\n" }.joined(), to: "calls.json")
        let printed = try print([file])
        #expect(printed.records == Array(calls.indices))
        #expect(printed.lines.map { ($0["event"] as? [String: Any])?["eventID"] as? String } == calls.map(\.eventID))
    }

    @Test func recordsThatAreNoneAreKeptWithTheirBytes() throws {
        let long = #"{"eventVersion":"1.08","eventName":"\#(String(repeating: "x", count: 700_000))"}"#
        let broken = #"{"eventVersion":"1.08"}"#
        let texts = [broken, SmallEstate.calls[0].json, long, SmallEstate.calls[1].json]
        let file = try folder.write(texts.map { $0 + "\n" }.joined(), to: "mixed.json")
        let printed = try print([file], limits: DecodingLimits(recordBytesMax: 10_000))
        #expect(printed.records == [1, 3])
        #expect(printed.counts.deadLettered == [.missingField: 1, .tooLarge: 1])
        #expect(
            printed.dead.map { $0["payload"] as? String }
                == [broken, long].map { Data($0.utf8).base64EncodedString() })
        #expect(printed.dead.map { $0["reason"] as? String } == ["missing_field", "too_large"])
    }

    @Test func fileThatCanNotBeReadIsNamed() throws {
        #expect {
            try print([folder.path("gone")])
        } throws: {
            "\($0)" == "\(folder.path("gone")): open failed: No such file or directory"
        }
    }
}
