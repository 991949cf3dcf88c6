import Foundation
import Objectives
import Planning
import Settings
import TestSupport
import Testing

@testable import Replay

/// A replay says which selectors matched nothing, and what is there that is near to them.
@Suite struct ReplaySelectorTests {
    private let folder: TemporaryFolder
    private let calls: String

    init() throws {
        folder = try TemporaryFolder()
        calls = try folder.write(SmallEstate.calls.map { $0.json + "\n" }.joined(), to: "calls.json")
    }

    private let misspelt = SmallEstate.resources.replacing("s3.amazonaws.com", with: "s3.amazonws.com")

    @Test func misspeltNameIsHeldAgainstThoseThatAreThere() throws {
        let plan = try SmallEstate.plan(misspelt, outputs: [.report, .rollups])
        let result = try Replay(plan: plan, options: Replay.Options()).run(files: [calls])
        let entry = try #require(result.report.entries.first)
        #expect(entry.total == 0 && entry.status == .noData)
        #expect(entry.warnings.contains { $0.code == .selectorUnmatched && $0.near == ["s3.amazonaws.com"] })
        // Calls alone were read, and the rollup takes flows.
        #expect(result.report.warnings.map(\.subject) == ["Rollup flows"])
        #expect(result.report.warnings.allSatisfy { $0.code == .selectorUnmatched })
    }

    @Test func ofManyThatMatchNothingTheFirstAreHeldAgainstWhatIsThere() throws {
        let objective = try #require(try SmallEstate.plan(misspelt).objectives.first)
        var resources = ResourceSet()
        resources.objectives = (0..<1_001).map { number in
            var other = objective
            other.metadata.name = "calls-\(number)"
            return other
        }
        let plan = try PipelinePlan(resources: resources, outputs: [.report])
        let entries = try Replay(plan: plan, options: Replay.Options()).run(files: [calls]).report.entries
        let told = entries.filter { entry in
            entry.warnings.contains { $0.code == .selectorUnmatched && $0.near == ["s3.amazonaws.com"] }
        }
        #expect(told.count == 1_000)
        #expect(entries.allSatisfy { !$0.warnings.isEmpty })
    }

    @Test func whatWasNotReadAgainIsNotDenied() throws {
        let plan = try SmallEstate.plan(misspelt, outputs: [.report])
        var options = Replay.Options()
        options.surveyBytesMax = 1
        // Of two files the first is read again, which has flows alone, or names that nobody asks for.
        let flows = try folder.write(SmallEstate.flows.map { $0.line + "\n" }.joined(), to: "flows.log")
        let others = try folder.write(
            SmallEstate.calls.map { $0.json.replacing("s3.amazonaws.com", with: "sqs.amazonaws.com") + "\n" }.joined(),
            to: "others.json")
        for (first, said) in [
            (flows, "total matched no record: there is no CloudTrail record in the first 1 MiB"),
            (others, "total matched no record: in the first 1 MiB none has eventSource \"s3.amazonws.com\""),
        ] {
            let report = try Replay(plan: plan, options: options).run(files: [first, calls]).report
            let warning = try #require(report.entries.first?.warnings.first { $0.part == "total" })
            #expect(warning.text.hasPrefix(said), "\(warning.text)")
        }
    }

    @Test func whatCanNotBeReadAgainIsNotDenied() throws {
        let plan = try SmallEstate.plan(misspelt, outputs: [.report])
        let flows = try folder.write(SmallEstate.flows.map { $0.line + "\n" }.joined(), to: "flows.log")
        let pipe = folder.path("calls.pipe")
        try #require(mkfifo(pipe, 0o600) == 0)
        let text = try Data(contentsOf: URL(fileURLWithPath: calls))
        let writer = Thread { try? text.write(to: URL(fileURLWithPath: pipe)) }
        writer.start()
        let report = try Replay(plan: plan, options: Replay.Options()).run(files: [flows, pipe]).report
        #expect(report.origin?.contains("\(SmallEstate.calls.count) CloudTrail events") == true)
        let warning = try #require(report.entries.first?.warnings.first { $0.part == "total" })
        #expect(warning.text == "total matched no record: there is no CloudTrail record in what could be read again")
    }

    @Test func whatIsAskedForIsSeenAmongManyOthers() throws {
        // More values than are kept, and after them the one that is asked for, without what is asked for beside it.
        let one = try #require(SmallEstate.calls.first)
        let many = (0..<5_000).map { one.json.replacing("s3.amazonaws.com", with: "service-\($0).amazonaws.com") }
        let file = try folder.write((many + [one.json]).map { $0 + "\n" }.joined(), to: "many.json")
        let asked = SmallEstate.resources.replacing(
            "event.eventSource == \"s3.amazonaws.com\"",
            with: "event.eventSource == \"s3.amazonaws.com\" && event.awsRegion == \"nowhere\"")
        #expect(asked != SmallEstate.resources)
        let plan = try SmallEstate.plan(asked, outputs: [.report])
        let report = try Replay(plan: plan, options: Replay.Options()).run(files: [file]).report
        let warning = try #require(report.entries.first?.warnings.first { $0.part == "total" })
        #expect(warning.text.contains("none has awsRegion \"nowhere\""), "\(warning.text)")
    }

    @Test func filesWithoutARecordAreDescribed() throws {
        let broken = try folder.write("{\"eventVersion\":\"1.08\"}\n{\"eventVersion\":\"1.08\"}\n", to: "broken.json")
        let flow = try folder.write(SmallEstate.flows[0].line + "\n", to: "one.log")
        let plan = try SmallEstate.plan(outputs: [.report])
        let one = try Replay(plan: plan, options: Replay.Options()).run(files: [flow])
        #expect(
            one.report.origin == "1 file held 0 CloudTrail events, 1 flow log record, 0 metric values")
        let both = try Replay(plan: plan, options: Replay.Options()).run(files: [flow, broken])
        #expect(
            both.report.origin == "2 files held 0 CloudTrail events, 1 flow log record, 0 metric values, "
                + "and 2 records that went to the dead letters")
    }

    @Test func surveyStopsAtItsBoundAndSaysSo() throws {
        let loaded = try SmallEstate.plan(misspelt).objectives
        var whole = try SelectorSurvey(objectives: loaded, rollups: [])
        try whole.read(files: [calls, calls])
        #expect(!whole.isCut && whole.files == 2 && whole.eventCount == 2 * SmallEstate.calls.count)
        #expect(whole.selectorCount == 2 && whole.warnings.map(\.part) == ["total", "good"])
        var cut = try SelectorSurvey(objectives: loaded, rollups: [])
        try cut.read(files: [calls, calls], bytesMax: 1)
        #expect(cut.isCut && cut.files == 1 && cut.eventCount == SmallEstate.calls.count)
        var none = try SelectorSurvey(objectives: loaded, rollups: [])
        #expect(throws: (any Error).self) { try none.read(files: [folder.path("gone")]) }
    }
}
