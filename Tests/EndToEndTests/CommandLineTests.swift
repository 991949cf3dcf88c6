import Foundation
import TestSupport
import Testing

/// What scripts rely on: exit statuses, help, and where output goes.
@Suite(.serialized) struct CommandLineTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ arguments: String...) throws -> Tidewatch.Result { try Tidewatch.run(arguments, in: folder) }

    @Test(arguments: [
        "demo", "run", "replay", "decode", "slo report", "alerts tail", "alerts list", "detect", "config check",
        "generate", "broker",
    ])
    func helpShowsAnExampleAndEndsWithZero(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let result = try Tidewatch.run(words + ["--help"], in: folder)
        #expect(result.status == 0)
        #expect(result.output.contains("Example: tidewatch \(command)"), "\(result.output)")
    }

    @Test func helpOfTheWholeNamesEveryCommand() throws {
        let result = try run("--help")
        #expect(result.status == 0)
        for command in ["demo", "run", "replay", "decode", "slo", "alerts", "detect", "config", "generate", "broker"] {
            #expect(result.output.contains("  \(command) "), "\(command)")
        }
    }

    @Test func versionIsPrinted() throws {
        let result = try run("--version")
        #expect(result.status == 0)
        // The commit, where there is one: a checkout has it, an archive of the sources has not.
        #expect(result.output.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+( \([0-9a-f]{12}\+?\))?\n/) != nil)
        let isCheckout = FileManager.default.fileExists(atPath: "\(Tidewatch.repository)/.git")
        #expect(result.output.contains("(") == isCheckout)
    }

    @Test(arguments: [
        (["reprot"], "tidewatch: there is no command 'reprot'; there are demo, run, "),
        (["relpay", "x"], "tidewatch: there is no command 'relpay'; did you mean 'tidewatch replay'?"),
        (["slo", "reprot"], "tidewatch slo: there is no command 'reprot'; did you mean 'tidewatch slo report'?"),
        (["version"], "tidewatch: to see the version: tidewatch --version"),
        (["-v"], "tidewatch: to see the version: tidewatch --version"),
    ])
    func mistypedCommandIsNamedWithTheNearest(arguments: [String], message: String) throws {
        let result = try Tidewatch.run(arguments, in: folder)
        #expect(result.status == 2)
        #expect(result.error.hasPrefix(message), "\(result.error)")
    }

    @Test(arguments: [
        (["help", "nope"], "tidewatch: there is no command 'nope'; there are demo, run, "),
        (
            ["help", "slo", "reprot"],
            "tidewatch slo: there is no command 'reprot'; did you mean 'tidewatch slo report'?"
        ),
        (["slo", "report", "--from", "x", "--config", "y"], "Error: --config and --from name two places"),
        (["replay", "--out", "o", "--outputs", ",", "x"], "Error: --outputs names no output; there are rollups, "),
    ])
    func whatIsAskedForTwiceOrNotAtAllIsNamed(arguments: [String], message: String) throws {
        let result = try Tidewatch.run(arguments, in: folder)
        #expect(result.status == 2)
        #expect(result.error.hasPrefix(message), "\(result.error)")
    }

    private static let times = "write a time of RFC 3339 with its zone, such as 2026-03-02T10:00:00Z"
    private static let durations = "write a whole number and one unit of w, d, h, m, s or ms, such as 3d or 90s"
    private static let sizes = "write from 1KiB to 4GiB, such as 65536, 512KiB or 16MiB"

    @Test(arguments: [
        (["replay", "--out", "o", "--at", "yesterday", "x"], "'yesterday'", times),
        (["replay", "--out", "o", "--now", "2026-03-02", "x"], "'2026-03-02'", times),
        (["replay", "--out", "o", "--late-horizon", "3", "x"], "'3'", durations),
        (["replay", "--out", "o", "--late-horizon", "-3d", "x"], "'-3d'", durations),
        (["replay", "--out", "o", "--late-horizon", "1.5h", "x"], "'1.5h'", durations),
        (["replay", "--out", "o", "--late-horizon", "99999999999d", "x"], "'99999999999d'", durations),
        (["replay", "--out", "o", "--record-bytes-max", "10MB", "x"], "'10MB'", sizes),
        (["decode", "--expanded-bytes-max", "1", "x"], "'1'", sizes),
        (["slo", "report", "--from", "o", "--at", "2026-13-02T10:00:00Z"], "'2026-13-02T10:00:00Z'", times),
        (["generate", "--out", "o", "--start", "noon"], "'noon'", times),
        (["detect", "--out", "o", "--warmup", "-1", "x"], "--warmup", "must be 0 or more"),
    ])
    func refusedValueIsNamedWithWhatAGoodOneLooksLike(arguments: [String], value: String, good: String) throws {
        let result = try Tidewatch.run(arguments, in: folder)
        #expect(result.status == 2)
        let line = result.error.split(separator: "\n").first ?? ""
        #expect(line.contains(value) && line.contains(good), "\(result.error)")
    }

    @Test(arguments: ["replay", "decode", "slo report", "alerts list", "run", "detect"])
    func helpListsTheValuesOfAnOptionOnce(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        let text = try Tidewatch.run(words + ["--help"], in: folder).output
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        for list in text.matches(of: /\(values: ([^;)]+)[;)]/) where list.1.contains(",") {
            let values = list.1.split(separator: ", ").map(String.init)
            #expect(!text.contains("\(values.dropLast().joined(separator: ", ")) or \(values[values.count - 1])"))
            #expect(text.components(separatedBy: list.1).count == 2 || command == "replay", "\(list.1) in \(text)")
            #expect(!text.contains(": \(list.1)."), "\(list.1) in \(text)")
        }
        #expect(text.contains("(values: "))
    }

    @Test func folderInWhosePlaceAFileIsIsNamed() throws {
        let taken = try folder.write("here", to: "taken")
        try folder.write("", to: "in/empty")
        for target in [taken, "\(taken)/below"] {
            for arguments in [
                ["replay", "--out", target, folder.path("in")], ["generate", "--out", target, "--minutes", "1"],
            ] {
                let result = try Tidewatch.run(arguments, in: folder)
                #expect(result.status == 1)
                let expected = "\(target): the folder can't be created: \(taken) is a file"
                #expect(result.error.contains(expected), "\(result.error)")
            }
        }
    }

    @Test func folderWithoutAReportSaysWhatIsMissing() throws {
        let nowhere = try run("slo", "report", "--from", folder.path("nowhere"))
        #expect(nowhere.status == 1)
        #expect(nowhere.error.hasPrefix("\(folder.path("nowhere")): there is no such folder"), "\(nowhere.error)")
        try folder.write("a: file", to: "other/file.yaml")
        let other = try run("slo", "report", "--from", folder.path("other"))
        #expect(other.status == 1)
        #expect(other.error.hasPrefix("\(folder.path("other")): there is no windows.ndjson in it"), "\(other.error)")
    }

    @Test func aReplaysReportThatCantBeReadIsSaid() throws {
        try folder.write("", to: "cut/windows.ndjson")
        let report = try folder.write(#"{"at":null,"slos":["#, to: "cut/report.json")
        let result = try run("slo", "report", "--from", folder.path("cut"))
        #expect(result.status == 0)
        let expected =
            "\(report): at byte 19: the text ends too early; the replay's warnings and its configuration are left out"
        #expect(result.error.contains(expected), "\(result.error)")
    }

    @Test func folderWithoutAFileIsSaidToHoldNone() throws {
        try folder.write("", to: "hidden/.file")
        let result = try run("decode", folder.path("hidden"))
        #expect(result.status == 0)
        let expected = "nothing to read: no file but hidden ones below \(folder.path("hidden"))\n"
        #expect(result.error.hasPrefix(expected), "\(result.error)")
    }

    @Test(arguments: [
        ["frobnicate"], ["decode", "--nonsense", "x"], ["decode"], ["decode", "--format", "xml", "x"],
        ["replay", "x"],
        ["replay", "--outputs", "songs", "--out", "o", "x"],
        ["generate"], ["broker", "--topic", "x"], ["detect", "--method", "guess", "--out", "o", "d"],
        ["slo", "report"],
    ])
    func wrongCommandLineEndsWithTwo(arguments: [String]) throws {
        let result = try Tidewatch.run(arguments, in: folder)
        #expect(result.status == 2)
        #expect(!result.error.isEmpty)
        #expect(result.output.isEmpty)
    }

    @Test(arguments: [["decode"], ["replay", "--report", "json"], ["detect", "--out", "o"]])
    func missingInputEndsWithOneAndIsNamed(command: [String]) throws {
        let path = folder.path("missing.json")
        let result = try Tidewatch.run(command + [path], in: folder)
        #expect(result.status == 1)
        #expect(result.error.contains(path))
    }

    @Test func missingResourcesEndWithTwo() throws {
        let path = folder.path("missing.yaml")
        let input = try folder.write("{}", to: "input.json")
        let result = try run("replay", "--resources", path, "--report", "json", input)
        #expect(result.status == 2)
        #expect(result.error.contains(path))
    }

    @Test func strictDecodingEndsWithThreeWhenARecordIsRefused() throws {
        let good =
            #"{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"1"}"#
        let path = try folder.write(good + "\n{broken\n", to: "mixed.jsonl")
        let lenient = try run("decode", path)
        #expect(lenient.status == 0)
        #expect(lenient.lines.count == 1)
        #expect(lenient.error.contains("decoded 1, dead-lettered 1"))
        let strict = try run("decode", "--strict", path)
        #expect(strict.status == 3)
        #expect(strict.lines.count == 1)
        let allGood = try folder.write(good + "\n", to: "good.jsonl")
        #expect(try run("decode", "--strict", allGood).status == 0)
    }

    @Test func deadLettersNeverOverwriteAnInput() throws {
        let path = try folder.write("{broken\n", to: "in/input.jsonl")
        let link = folder.path("link.jsonl")
        try FileManager.default.linkItem(atPath: path, toPath: link)
        for (input, deadLetter) in [(path, path), (path, link), (folder.path("in"), path)] {
            let result = try run("decode", "--dead-letter", deadLetter, input)
            #expect(result.status == 2)
            #expect(result.error.contains(deadLetter))
            #expect(try folder.text("in/input.jsonl") == "{broken\n")
        }
    }

    /// The rest of the wait for a broker is not waited out.
    @Test func generateSaysSoonThatNoBrokerAnswers() throws {
        let address = "127.0.0.1:\(try freePort())"
        _ = try folder.write("", to: "said.txt")
        let process = try Tidewatch.prepared(["generate", "--minutes", "1", "--bootstrap", address])
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: folder.path("said.txt")))
        try process.run()
        defer {
            process.terminate()
            process.awaitEnd()
        }
        var said = ""
        // The process announces nothing, so its log is read again and again.
        let isSaid = try eventually(while: { process.isRunning }) {
            said = try folder.text("said.txt")
            return said.contains("no broker answers yet; \(address): ")
        }
        #expect(isSaid, "\(said)")
    }

    @Test func standardInputIsReadForADash() throws {
        let line = "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 1 2 6 3 4 1700000000 1700000060 ACCEPT OK\n"
        let result = try Tidewatch.run(["decode", "--format", "vpc-flow", "-"], in: folder, input: line)
        #expect(result.status == 0)
        #expect(result.lines.count == 1)
    }

    @Test func outputIsPlainWhereThereIsNoTerminal() throws {
        let result = try run("generate", "--minutes", "1", "--out", folder.path("estate"))
        #expect(result.status == 0)
        #expect(!result.error.contains("\u{1B}"))
        #expect(!result.error.contains("\r"))
    }
}
