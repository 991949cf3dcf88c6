import Foundation
import TestSupport
import Testing

/// What commands write never costs a file that was there before, and what they leave out is said.
@Suite struct FileSafetyTests {
    private let folder: TemporaryFolder
    private let record = #"{"eventTime":"2026-01-15T09:00:00Z","eventName":"StopLogging"}"# + "\n"

    init() throws {
        folder = try TemporaryFolder()
    }

    private func run(_ arguments: String...) throws -> Tidewatch.Result {
        try Tidewatch.run(arguments, in: folder)
    }

    @Test func replayIntoItsOwnInputIsRefusedAndLosesNothing() throws {
        try folder.write(record, to: "logs/audit.ndjson")
        let logs = folder.path("logs")
        let result = try run("replay", "--out", logs, logs)
        #expect(result.status == 2)
        #expect(result.error.contains("\(logs)/audit.ndjson"))
        #expect(try folder.files(below: "logs") == ["audit.ndjson": Data(record.utf8)])
    }

    @Test func deadLettersGoToAPipeThatStaysOne() throws {
        try folder.write("{broken\n", to: "in.jsonl")
        let pipe = folder.path("pipe")
        #expect(mkfifo(pipe, 0o600) == 0)
        // Open for both, so that the command does not wait for a reader.
        let descriptor = open(pipe, O_RDWR)
        try #require(descriptor >= 0)
        let reader = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        #expect(try run("decode", "--dead-letter", pipe, folder.path("in.jsonl")).status == 0)
        let line = String(decoding: reader.availableData, as: UTF8.self)
        #expect(line.contains(#""reason":"#))
        var status = stat()
        #expect(stat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test func portFileMayBeADevice() throws {
        // A closed standard input ends the broker.
        let result = try run("broker", "--until-input-ends", "--port-file", "/dev/null")
        #expect(result.status == 0, "\(result.error)")
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
    }

    @Test(arguments: ["decode", "replay", "detect"])
    func whatWasNotReadIsSaidAndIsAFailure(command: String) throws {
        try folder.write(command == "detect" ? "timestamp,value\n1,2\n" : record, to: "in/a.csv")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path("in/gone"), withDestinationPath: folder.path("nothing"))
        let options = command == "decode" ? [] : ["--out", folder.path("out")]
        let result = try Tidewatch.run([command] + options + [folder.path("in")], in: folder)
        #expect(result.status == 1)
        #expect(result.error.contains("not read: \(folder.path("in/gone")): a link to nothing"))
        #expect(result.error.contains("1 of 2 inputs was not read"))
        if command == "decode" { #expect(result.lines.count == 1) }
        if command == "replay" { #expect(try folder.json("out/stats.json")["events"].number == 1) }
        if command == "detect" { #expect(try folder.text("out/a.csv").hasPrefix("timestamp,value,score")) }
    }

    @Test func outputThatIsTheInputIsRefused() throws {
        try folder.write(record, to: "in.jsonl")
        let process = try Tidewatch.prepared(["decode", folder.path("in.jsonl")])
        // As `>>` would: a shell's `>` has emptied the file already.
        let output = try FileHandle(forUpdating: URL(fileURLWithPath: folder.path("in.jsonl")))
        try output.seekToEnd()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.awaitEnd()
        #expect(process.terminationStatus == 2)
        #expect(try folder.text("in.jsonl") == record)
    }

    @Test func replaySaysWhyRecordsWereRefusedAndWhereResultsAre() throws {
        try folder.write(record + "{broken\n", to: "in.jsonl")
        let result = try run("replay", "--out", folder.path("out"), folder.path("in.jsonl"))
        #expect(result.status == 0)
        #expect(result.error.contains("decoded 1, dead-lettered 1\n  invalid_json: 1\n"), "\(result.error)")
        #expect(result.error.contains("results are in \(folder.path("out"))"))
        #expect(result.error.contains("tidewatch slo report --from \(folder.path("out"))"))
    }
}
