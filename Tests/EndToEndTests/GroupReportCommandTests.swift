import Foundation
import TestSupport
import Testing

/// An SLO for each group, by files alone.
@Suite(.serialized) struct GroupReportCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func resources(groupsMax: Int) -> String {
        ["each", "all"].map { name in
            let groups = name == "each" ? ", groupBy: [interface_id], groupsMax: \(groupsMax)" : ""
            return """
                apiVersion: openslo/v1
                kind: SLO
                metadata: {name: \(name)}
                spec:
                  service: network
                  timeWindow: [{duration: 1h, isRolling: true}]
                  budgetingMethod: Occurrences
                  objectives: [{target: 0.9}]
                  indicator: {metadata: {name: \(name)}, spec: {ratioMetric: {
                    bad: {metricSource: {type: VPCFlow, spec: {filter: event.action == "REJECT"\(groups)}}},
                    total: {metricSource: {type: VPCFlow, spec: {filter: 'true'\(groups)}}}}}}
                """
        }.joined(separator: "\n---\n")
    }

    private func replay(groupsMax: Int = 100) throws {
        try folder.write(resources(groupsMax: groupsMax), to: "resources.yaml")
        var text = ""
        for minute in 0..<90 {
            for number in 0..<30 {
                let second = 1_768_467_600 + minute * 60 + number
                // One of them is gone for more than the window in the end, and one rejects all.
                if number == 7, minute >= 20 { continue }
                let action = number == 3 ? "REJECT" : "ACCEPT"
                text += "2 123456789012 eni-\(number) 10.0.0.2 10.0.0.1 1 2 6 1 1 \(second) \(second) \(action) OK\n"
            }
        }
        try folder.write(text, to: "in/flows.log")
        let result = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("resources.yaml"), "--format", "vpc-flow", "--out",
                folder.path("out"), folder.path("in"),
            ], in: folder)
        #expect(result.status == 0, "\(result.error)")
    }

    private func report(_ rest: String...) throws -> Tidewatch.Result {
        try Tidewatch.run(["slo", "report", "--from", folder.path("out")] + rest, in: folder)
    }

    private struct Row: Decodable {
        let name: String
        let group: [String: String?]?
        let good: Int
        let total: Int
        let sources: [[String: Value]]

        enum Value: Decodable {
            case text(String)
            case number(Int)

            init(from decoder: any Decoder) throws {
                let value = try decoder.singleValueContainer()
                if let number = try? value.decode(Int.self) {
                    self = .number(number)
                } else {
                    self = .text(try value.decode(String.self))
                }
            }
        }
    }

    private func rows(_ rest: String...) throws -> [Row] {
        struct Report: Decodable { let slos: [Row] }
        let result = try Tidewatch.run(
            ["slo", "report", "--from", folder.path("out"), "--format", "json"] + rest, in: folder)
        #expect(result.status == 0, "\(result.error)")
        return try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)).slos
    }

    @Test func groupsAddUpAndOneIsOpened() throws {
        try replay()
        let rows = try rows()
        let all = try #require(rows.first { $0.name == "all" })
        let each = rows.filter { $0.name == "each" }
        // One has no record in the window any more.
        #expect(each.count == 29)
        #expect(each.reduce(0) { $0 + $1.total } == all.total)
        #expect(each.reduce(0) { $0 + $1.good } == all.good)
        #expect(each.allSatisfy { !$0.sources.isEmpty })

        let table = try report().output
        #expect(table.contains("each{interface_id=eni-3}  violated"))
        #expect(table.contains("each (28 groups)"))
        let one = try report("--group", "interface_id=eni-5").output
        #expect(one.contains("each{interface_id=eni-5}") && !one.contains("eni-3") && !one.contains("groups)"))
        #expect(try self.rows("--group", "interface_id=eni-5", "--slo", "each").map(\.total) == [60])
    }

    @Test func whatIsAskedForAndNotThereIsSaid() throws {
        try replay()
        let none = try report("--group", "interface_id=eni-33")
        #expect(none.status == 2 && none.error.contains("did you mean interface_id=eni-"))
        let column = try report("--group", "tenant=a")
        #expect(column.status == 2 && column.error.contains("they are by interface_id"))
        #expect(try report("--group", "tenant").status == 2)
        #expect(try report("--group", "interface_id=eni-3", "--slo", "all").status == 2)
    }

    @Test func whatIsBeyondTheBoundIsExactTogether() throws {
        try replay(groupsMax: 10)
        let rows = try rows()
        let each = rows.filter { $0.name == "each" }
        let all = try #require(rows.first { $0.name == "all" })
        #expect(each.reduce(0) { $0 + $1.total } == all.total)
        let other = try #require(each.first { $0.group?["interface_id"] == "(other)" })
        #expect(other.total == 60 * 20 || other.total == 60 * 19)
        #expect(try self.rows("--group", "interface_id=(other)").map(\.total) == [other.total])
    }

    @Test func theAlertOfAGroupThatIsGoneIsResolvedWithItsReason() throws {
        try folder.write(resources(groupsMax: 100), to: "resources.yaml")
        var text = ""
        for minute in 0..<90 {
            for number in 0..<3 where number != 1 || minute < 20 {
                for flow in 0..<20 {
                    let second = 1_768_467_600 + minute * 60 + flow
                    let action = number == 1 ? "REJECT" : "ACCEPT"
                    text +=
                        "2 123456789012 eni-\(number) 10.0.0.2 10.0.0.1 1 2 6 1 1 \(second) \(second) \(action) OK\n"
                }
            }
        }
        try folder.write(text, to: "in/flows.log")
        let result = try Tidewatch.run(
            [
                "replay", "--resources", folder.path("resources.yaml"), "--format", "vpc-flow", "--out",
                folder.path("out"), folder.path("in"),
            ], in: folder)
        #expect(result.status == 0, "\(result.error)")
        let alerts = try folder.text("out/alerts.ndjson").split(separator: "\n").filter { $0.contains("eni-1") }
        #expect(alerts.contains { $0.contains(#""status":"open""#) })
        let end = try #require(alerts.last)
        #expect(end.contains(#""status":"resolved""#))
        #expect(end.contains("The group has had no records for 1h, the whole window"))
        #expect(end.contains(#""time":"2026-01-15T10:20:00Z""#))
    }
}
