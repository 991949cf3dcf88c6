import ArgumentParser
import Decoding
import Foundation
import Pipeline
import TelemetryModel

/// `tidewatch decode`: typed events as JSON lines.
struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print typed events as JSON lines.",
        discussion: """
            Reads files, folders, or - for standard input. The last lines on standard error count what was decoded and \
            what was not, by reason.

            Example: tidewatch decode --format vpc-flow --flow-fields "version srcaddr dstaddr action" flows.log.gz
            """)

    @OptionGroup var input: InputOptions

    @Option(help: ArgumentHelp("Write records that can't be decoded here, as JSON lines.", valueName: "file"))
    var deadLetter: String?

    @Flag(help: "Exit with status 3 when a record can't be decoded.")
    var strict = false

    @Argument(help: "Files and folders, or - for standard input.")
    var paths: [String]

    func run() throws {
        let flowFields = try input.fieldList()
        let files = try expandInputs(paths)
        var deadLetters: FileHandle?
        if let deadLetter {
            // Before it is made: that would empty it.
            if let same = files.first(where: { isSameFile($0, deadLetter) }) {
                throw CommandFailure(
                    .misused,
                    "--dead-letter: \(deadLetter) is the input \(same), which it would overwrite; name another file")
            }
            guard FileManager.default.createFile(atPath: deadLetter, contents: nil),
                let handle = FileHandle(forWritingAtPath: deadLetter)
            else { throw CommandFailure(.failed, "\(deadLetter): the file can't be created") }
            deadLetters = handle
        }
        var deadLetterFailure: (any Error)?
        var printer = EventPrinter(
            format: input.format, flowFields: flowFields, print: { Console.write($0) },
            deadLetter: { record in
                guard deadLetterFailure == nil else { return }
                do { try deadLetters?.write(contentsOf: record + [0x0A]) } catch { deadLetterFailure = error }
            })
        var progress = ProgressLine("decode")
        for (index, file) in files.enumerated() {
            do {
                try printer.print(file: file) { bytes in
                    progress.update("file \(index + 1) of \(files.count), \(bytes >> 20) MiB of it")
                }
            } catch {
                progress.finish()
                throw CommandFailure(.failed, "\(error)")
            }
        }
        progress.finish()
        if let deadLetter, let deadLetterFailure {
            throw CommandFailure(.failed, "\(deadLetter): a record could not be written: \(deadLetterFailure)")
        }
        try deadLetters?.close()
        let counts = printer.counts
        Console.error("decoded \(counts.decoded), dead-lettered \(counts.deadLetteredTotal)")
        for (reason, count) in counts.deadLettered.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            Console.error("  \(reason.rawValue): \(count)")
        }
        if strict, counts.deadLetteredTotal > 0 { ProcessExit.now(.gateFailed) }
    }
}

extension InputFormat: ExpressibleByArgument {}

/// How inputs are read, the same for each command that reads files.
struct InputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The format: \(InputFormat.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "format"))
    var format = InputFormat.auto

    @Option(
        help: ArgumentHelp(
            "The fields of flow logs without a header line, in order, with spaces or commas between them; default those "
                + "of version 2.",
            valueName: "names"))
    var flowFields: String?

    func fieldList() throws -> FlowLogFieldList? {
        guard let flowFields else { return nil }
        do {
            return try FlowLogFieldList(flowFields)
        } catch {
            throw CommandFailure(.misused, "--flow-fields: \(error)")
        }
    }
}

/// Whether two paths lead to one file on a disk, through links too; devices and pipes have nothing to overwrite.
private func isSameFile(_ first: String, _ second: String) -> Bool {
    var (one, other) = (stat(), stat())
    guard stat(first, &one) == 0, stat(second, &other) == 0, one.st_mode & S_IFMT == S_IFREG else { return false }
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino
}

/// The files that paths stand for; a path that does not exist is a failure with status 1.
func expandInputs(_ paths: [String]) throws -> [String] {
    do {
        return try InputPaths.expand(paths)
    } catch {
        throw CommandFailure(.failed, error.description)
    }
}
