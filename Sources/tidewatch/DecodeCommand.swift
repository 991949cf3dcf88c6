import ArgumentParser
import Decoding
import Files
import Foundation
import Replay
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

    @Option(
        help: ArgumentHelp("Write records that can't be decoded here, as JSON lines.", valueName: "file"),
        completion: .file())
    var deadLetter: String?

    @Flag(help: "Exit with status 3 when a record can't be decoded.")
    var strict = false

    @Argument(help: "Files and folders, or - for standard input.", completion: .file())
    var paths: [String]

    func run() throws {
        let flowFields = try input.fieldList()
        let inputs = try Inputs(paths)
        let files = inputs.files
        var deadLetters: FileWriter?
        if let deadLetter {
            // Before it is made: that would empty it.
            try inputs.refuseOverwriting(deadLetter, by: "--dead-letter")
            deadLetters = try FileWriter(path: deadLetter)
        }
        var deadLetterFailure: (any Error)?
        var printer = EventPrinter(
            format: input.format, flowFields: flowFields, limits: input.limits(), print: { Console.write($0) },
            deadLetter: { record in
                guard deadLetterFailure == nil else { return }
                do { try deadLetters?.write(record) } catch { deadLetterFailure = error }
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
        if let deadLetterFailure { throw deadLetterFailure }
        try deadLetters?.close()
        let counts = printer.counts
        Console.outcome(decoded: counts.decoded, deadLettered: counts.deadLettered)
        try inputs.reportNotRead()
        if strict, counts.deadLetteredTotal > 0 { ProcessExit.now(.gateFailed) }
    }
}

extension InputFormat: ExpressibleByArgument {}

/// How inputs are read, the same for each command that reads files.
struct InputOptions: ParsableArguments {
    @Option(help: "The format of the input; auto looks at the bytes.")
    var format = InputFormat.auto

    @Option(
        help: ArgumentHelp(
            "The fields of flow logs without a header line, in order, with spaces or commas between them; default those "
                + "of version 2.",
            valueName: "names"))
    var flowFields: String?

    @Option(
        help: ArgumentHelp(
            "How large one record may be, such as 16MiB; default \(ByteCount(DecodingLimits().recordBytesMax)).",
            valueName: "bytes"),
        transform: ByteCount.argument)
    var recordBytesMax: ByteCount?

    @Option(
        help: ArgumentHelp(
            "What a file or message may expand to, such as 64MiB; default "
                + "\(ByteCount(DecodingLimits().expandedBytesMax)).", valueName: "bytes"),
        transform: ByteCount.argument)
    var expandedBytesMax: ByteCount?

    /// `limits`, changed by what the command line says.
    func limits(over limits: DecodingLimits = DecodingLimits()) -> DecodingLimits {
        var limits = limits
        if let recordBytesMax { limits.recordBytesMax = recordBytesMax.bytes }
        if let expandedBytesMax { limits.expandedBytesMax = expandedBytesMax.bytes }
        return limits
    }

    func fieldList() throws -> FlowLogFieldList? {
        guard let flowFields else { return nil }
        do {
            return try FlowLogFieldList(flowFields)
        } catch {
            throw CommandFailure(.misused, "--flow-fields: \(error)")
        }
    }
}
