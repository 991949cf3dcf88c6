import Foundation
import TestSupport
import Testing

@testable import Files
@testable import Replay

@Suite struct OutputFolderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func resultsFromBeforeStayUntilTheNewOnesAreWhole() throws {
        try folder.write("earlier\n", to: "out/alerts.ndjson")
        try folder.write("earlier\n", to: "out/rollups/gone.csv")
        try folder.write("mine\n", to: "out/notes.txt")
        try folder.write("mine\n", to: "out/rollups/notes.txt")
        let output = try OutputFolder(path: folder.path("out"), outputs: [.audit])
        let file = try output.file("rollups/calls.csv")
        try file.writeLine("new".utf8)
        try file.close()
        output.audit(Array("{}".utf8), at: .file(name: "a", record: 0))
        #expect(try folder.text("out/alerts.ndjson") == "earlier\n")
        try output.close()
        #expect(
            try InputPaths([folder.path("out")]).files.map { $0.replacing(folder.root + "/", with: "") } == [
                "out/audit.ndjson", "out/notes.txt", "out/rollups/calls.csv", "out/rollups/notes.txt",
            ])
        #expect(try folder.text("out/audit.ndjson") == "{}\n")
        #expect(try folder.text("out/rollups/calls.csv") == "new\n")
    }

    @Test func replayThatFailsLeavesNothingOfItsOwn() throws {
        try folder.write("earlier\n", to: "out/audit.ndjson")
        do {
            let output = try OutputFolder(path: folder.path("out"), outputs: [.audit])
            output.audit(Array("{}".utf8), at: .file(name: "a", record: 0))
        }
        #expect(try folder.text("out/audit.ndjson") == "earlier\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")) == ["audit.ndjson"])
    }

    @Test func whatAKilledReplayLeftIsTakenAway() throws {
        try folder.write("half", to: "out/.partial/audit.ndjson.partial")
        try OutputFolder(path: folder.path("out"), outputs: []).close()
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")).isEmpty)
    }

    @Test func secondReplayIntoAFolderIsRefused() throws {
        let first = try OutputFolder(path: folder.path("out"), outputs: [])
        #expect {
            try OutputFolder(path: folder.path("out"), outputs: [])
        } throws: {
            "\($0)".hasSuffix("another replay is writing its results there")
        }
        try first.close()
    }

    @Test(arguments: ["audit.ndjson", "rollups"])
    func linkWhereAResultGoesIsRefused(name: String) throws {
        try folder.write("x", to: "elsewhere/file")
        try folder.link("out/\(name)", to: "../elsewhere")
        #expect {
            try OutputFolder(path: folder.path("out"), outputs: [.audit])
        } throws: {
            "\($0)".contains("\(name): it is a link")
        }
    }

    @Test func inputThatAResultWouldReplaceIsFoundByAnyName() throws {
        try folder.write("x", to: "out/audit.ndjson")
        try folder.write("x", to: "out/other.json")
        try folder.link("in/a.json", to: "../out/audit.ndjson")
        let inputs = [folder.path("out/other.json"), folder.path("in/a.json")]
        #expect(try Replay.overwritten(of: inputs, in: folder.path("out")) == inputs[1])
        #expect(try Replay.overwritten(of: [inputs[0]], in: folder.path("out")) == nil)
    }
}
