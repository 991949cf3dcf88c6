import ArgumentParser
import Files
import Foundation
import Replay

/// `tidewatch detect`: anomaly scores for series in CSV files.
struct DetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Score each value of CSV series for being an anomaly.",
        discussion: """
            Reads every .csv file below DIR (header timestamp,value) and writes the same path below --out with a \
            column score from 0 to 1 added; a score of 0.5 or more is an alert. Rows are scored in the file's order, \
            each against those before it.

            Example: tidewatch detect --method ewma --out scores series
            """)

    enum Method: String, CaseIterable, ExpressibleByArgument {
        case ewma
    }

    @Option(help: "The method; ewma is an exponentially weighted z-score.")
    var method = Method.ewma

    @Option(parsing: .unconditional, help: "The weight of the newest value, above 0 and at most 1.")
    var alpha = 0.2

    @Option(parsing: .unconditional, help: "Standard deviations from the mean that make an alert.")
    var threshold = 5.0

    @Option(parsing: .unconditional, help: "Values that must come before the first alert.")
    var warmup = 10

    @Option(help: ArgumentHelp("The folder for the results.", valueName: "dir"), completion: .directory)
    var out: String

    @Argument(help: "The folder with the series.", completion: .directory)
    var folder: String

    func validate() throws {
        guard alpha > 0, alpha <= 1 else { throw ValidationError("--alpha must be above 0 and at most 1") }
        guard threshold > 0, threshold.isFinite else { throw ValidationError("--threshold must be above 0") }
        guard warmup >= 0 else { throw ValidationError("--warmup must be 0 or more") }
    }

    func run() throws {
        let inputs = try Inputs([folder])
        let files = inputs.files.filter { $0.hasSuffix(".csv") }
        if files.isEmpty { throw CommandFailure(.failed, "\(folder): there is no .csv file below it") }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        var progress = ProgressLine("detect")
        var alerts = 0
        for (index, file) in files.enumerated() {
            let name =
                file.hasPrefix(prefix) ? String(file.dropFirst(prefix.count)) : (file as NSString).lastPathComponent
            let target = "\(out)/\(name)"
            try inputs.refuseOverwriting(target, by: "--out")
            progress.update("\(index) of \(files.count) series")
            let scored: ScoredSeries
            do {
                scored = try ScoredSeries(
                    csv: [UInt8](Data(contentsOf: URL(fileURLWithPath: file))), named: file, alpha: alpha,
                    threshold: threshold, warmup: warmup)
            } catch let problem as ScoredSeries.Problem {
                throw CommandFailure(.failed, problem.description)
            }
            alerts += scored.alerts
            try OutputFailure.makeFolder((target as NSString).deletingLastPathComponent)
            let output = try FileWriter(path: target)
            try output.write(scored.csv)
            try output.close()
        }
        progress.finish()
        let scored = files.count == 1 ? "1 series" : "\(files.count) series"
        Console.error(
            "scored \(scored) into \(out), \(alerts) \(alerts == 1 ? "alert" : "alerts") (a score of 0.5 or more)")
        try inputs.reportNotRead()
    }
}
