import Files
import Foundation
import Objectives
import TestSupport
import Testing

@testable import Replay

/// What a report takes from a folder that a replay wrote.
@Suite struct ReplayedFolderTests {
    private static func window(_ name: String, good: Int) -> String {
        #"{"name":"\#(name)","service":"net","window":"30d","method":"Occurrences","target":0.99,"#
            + #""start":"2026-01-15T10:00:00Z","slice":"1m","good":[\#(good)],"total":[9],"excluded":[],"late":[],"#
            + #""sources":[],"first_read":0,"version":1}"#
    }

    private func windows(_ text: String) throws -> WindowHistory {
        let folder = try TemporaryFolder()
        return try ReplayedWindows(path: try folder.write(text, to: "windows.ndjson")).history
    }

    /// Beyond a piece of the file that is read at once, with empty lines, and a last one that nothing ends.
    @Test func eachLineIsARecordWhereverPiecesEnd() throws {
        let count = 3 * UnsafeFileReader.chunkBytes / Self.window("slo-10000", good: 5).utf8.count
        let lines = (0..<count).map { Self.window("slo-\($0)", good: $0 % 10) }
        let ledgers = try windows(lines.joined(separator: "\n\n")).ledgers
        #expect(ledgers.count == count)
        #expect(Set(ledgers.map(\.terms.name)) == Set((0..<count).map { "slo-\($0)" }))
        #expect(try windows("").ledgers.isEmpty)
    }

    @Test func aLineThatIsNoRecordIsNamedByItsNumber() throws {
        let good = Self.window("a", good: 1)
        for (text, number) in [
            ("no\n", 1), ("\(good)\n\n{}\n\(good)\n", 3), ("\(good)\n\(good.dropLast(9))", 2),
            (String(repeating: good + "\n", count: 20_000) + "[]\n" + good, 20_001),
        ] {
            let error = #expect(throws: ReplayedWindows.Failure.self) { try windows(text) }
            #expect("\(error!)".contains("windows.ndjson:\(number): "), "\(error!)")
        }
        let error = #expect(throws: ReplayedWindows.Failure.self) {
            try ReplayedWindows(path: "/nowhere/windows.ndjson")
        }
        #expect("\(error!)".contains("open failed"), "\(error!)")
        let device = #expect(throws: ReplayedWindows.Failure.self) { try ReplayedWindows(path: "/dev/zero") }
        #expect("\(device!)".contains("a device, and no file"), "\(device!)")
    }

    @Test func aReportGivesItsWarningsAndItsMakerWhateverElseIsInIt() throws {
        let digest = String(repeating: "0a", count: 32)
        let report = try ReplayedReport(
            json: Array(
                """
                {"made_by": {"commit": null, "resources_sha256": "\(digest)", "settings_sha256": "no digest", "more": [{}]},
                 "slos": [
                   {"worst": [[1, {"warnings": 3}]], "warnings": [{"code": "selector_unmatched", "subject": "SLO a", "part": "bad",
                     "text": "none", "near": ["b", "c"], "later": true}, {"code": "of a later release", "subject": "", "text": ""}],
                    "name": "a"},
                   {"name": "a", "group": {"k": "v"}, "warnings": []}, {"name": "b", "warnings": []}],
                 "more": {"warnings": []},
                 "warnings": [{"code": "slo_unknown", "subject": "SLO z", "part": null, "text": "gone"}]}
                """.utf8))
        #expect(report.settingsDigest == nil)
        #expect(report.resourcesDigest == digest)
        #expect(report.warnings == [ReportWarning(code: .objectiveUnknown, subject: "SLO z", text: "gone")])
        #expect(
            report.warningsOfObjectives == [
                "a": [
                    ReportWarning(
                        code: .selectorUnmatched, subject: "SLO a", part: "bad", text: "none", near: ["b", "c"])
                ], "b": [],
            ])
    }

    /// A later release may write a member otherwise, and someone else anything: what can be taken is.
    @Test func whatIsOfAnotherTypeIsPassedOverByItself() throws {
        let digest = String(repeating: "0a", count: 32)
        let warning = #"{"code":"slo_unknown","subject":"s","text":"t"}"#
        let known = ReportWarning(code: .objectiveUnknown, subject: "s", text: "t")
        for odd in ["null", "{}", "[]", "5", "\"x\"", "[{}]", "[null]", "{\"a\":[{}]}"] {
            let report = try ReplayedReport(
                json: Array(
                    """
                    {"more": \(odd), "slos": [\(odd), {"name": \(odd == "\"x\"" ? "0" : odd), "warnings": [\(warning)]},
                       {"name": "a", "warnings": [\(odd), {"code": \(odd), "subject": "s", "text": "t"}, \(warning)]},
                       {"n\\u0061me": "b", "warn\\u0069ngs": [\(warning)]}, {"name": "c", "warnings": \(odd)}],
                     "warnings": [{"code": "slo_unknown", "subject": "s", "text": "t", "part": \(odd == "\"x\"" ? "0" : odd),
                        "near": \(odd)}],
                     "made_by": {"settings_sha256": \(odd), "resources_sha256": "\(digest)"}}
                    """.utf8))
            #expect(report.warnings == [known], "\(odd)")
            #expect(
                report.warningsOfObjectives["a"] == [known] && report.warningsOfObjectives["b"] == [known], "\(odd)")
            #expect(report.warningsOfObjectives["c"] == [], "\(odd)")
            #expect(report.settingsDigest == nil && report.resourcesDigest == digest, "\(odd)")
            for key in ["slos", "warnings", "made_by"] {
                let report = try ReplayedReport(json: Array("{\"\(key)\":\(odd),\"warnings\":[\(warning)]}".utf8))
                #expect(report.warnings == [known], "\(key) \(odd)")
            }
        }
    }

    @Test func ofRepeatedMembersTheLastCounts() throws {
        let digest = String(repeating: "0a", count: 32)
        let report = try ReplayedReport(
            json: Array(
                #"{"slos":[{"name":"a"}],"slos":[{"name":"b"}],"made_by":{"resources_sha256":"\#(digest)"},"made_by":{}}"#
                    .utf8))
        #expect(Array(report.warningsOfObjectives.keys) == ["b"] && report.resourcesDigest == nil)
    }

    @Test(arguments: ["", "[]", "{\"slos\":[", "{\"slos\":[{]}", "{} {}", "{\"warnings\":[{\"code\":01}]}"])
    func whatIsNoReportGivesNothing(text: String) {
        #expect(throws: (any Error).self) { try ReplayedReport(json: Array(text.utf8)) }
    }
}
