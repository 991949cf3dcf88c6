import Foundation
import Testing

@testable import Pipeline

@Suite struct InputPathsTests {
    @Test func folderIsReadInTheOrderOfBytesWithoutHiddenFiles() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tidewatch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["b.log", "B.log", "a/z.log", "a.log", "é.log", ".hidden", ".git/x.log", "a/.y"] {
            let file = folder.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: file)
        }
        let root = folder.path(percentEncoded: false)
        let files = try InputPaths.expand([root, "-", "\(root)/b.log"])
        #expect(
            files.map { $0.replacing(root + "/", with: "") }
                == ["B.log", "a.log", "a/z.log", "b.log", "é.log", "-", "b.log"])
    }

    @Test func linkToAFolderIsReadAsTheFolder() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tidewatch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let logs = folder.appending(path: "logs")
        try FileManager.default.createDirectory(at: logs, withIntermediateDirectories: true)
        try Data("x".utf8).write(to: logs.appending(path: "a.log"))
        let link = folder.appending(path: "link")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: logs)
        let path = link.path(percentEncoded: false)
        #expect(try InputPaths.expand([path]) == ["\(path)/a.log"])
    }

    @Test func pathThatIsNotThereIsNamed() {
        #expect {
            try InputPaths.expand(["/no/such/path"])
        } throws: {
            "\($0)" == "/no/such/path: no such file or folder"
        }
    }
}

@Suite struct ScoredSeriesTests {
    private func scored(_ text: String) throws -> [String] {
        let series = try ScoredSeries(csv: Array(text.utf8), named: "s.csv", alpha: 0.2, threshold: 5, warmup: 2)
        return String(decoding: series.csv, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    @Test func jumpAfterTheWarmupIsAnAlertAndRowsStayAsTheyWere() throws {
        let values = (0..<20).map { "2026-01-15 09:\(10 + $0):00,\(10 + $0 % 2)" } + ["2026-01-15 09:40:00,1000"]
        let text = "timestamp,value\n" + values.joined(separator: "\n")
        let series = try ScoredSeries(csv: Array(text.utf8), named: "s.csv", alpha: 0.2, threshold: 5, warmup: 10)
        #expect(series.alerts == 1)
        let rows = try scored(text).dropFirst()
        #expect(zip(rows, values).allSatisfy { $0.hasPrefix($1 + ",") })
        #expect(rows.count == values.count)
    }

    @Test func byteOrderMarkCarriageReturnsAndBlankLinesAreAccepted() throws {
        let plain = try scored("timestamp,value\n1,2\n2,3\n")
        #expect(try scored("\u{FEFF}timestamp,value\r\n1,2\r\n\r\n2,3\r\n") == plain)
    }

    @Test(arguments: ["1,x", "1", "1,2,3", "1,nan", "1,inf", "1,"])
    func rowWithoutAFiniteNumberIsRefusedWithItsLine(row: String) {
        #expect {
            try scored("timestamp,value\n0,1\n\(row)\n")
        } throws: {
            "\($0)" == "s.csv:3: expected a timestamp and a finite number"
        }
    }

    @Test func otherHeaderIsRefused() {
        #expect(throws: ScoredSeries.Problem.self) { try scored("time,value\n1,2\n") }
    }
}

@Suite struct OutputFolderTests {
    @Test func resultsOfAnEarlierRunDoNotStayBesideThoseOfThisOne() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tidewatch-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.path(percentEncoded: false)
        let rollups = folder.appending(path: "rollups")
        try FileManager.default.createDirectory(at: rollups, withIntermediateDirectories: true)
        for name in ["alerts.ndjson", "stats.json", "notes.txt", "rollups/old.csv", "rollups/notes.txt"] {
            try Data("x".utf8).write(to: folder.appending(path: name))
        }
        let output = try OutputFolder(path: path, outputs: [.audit])
        try output.close()
        let left = try #require(FileManager.default.enumerator(atPath: path)?.allObjects as? [String])
        #expect(left.sorted() == ["audit.ndjson", "notes.txt", "rollups", "rollups/notes.txt"])
    }
}
