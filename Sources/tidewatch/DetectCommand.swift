import ArgumentParser
import Files
import Foundation
import Replay
import Statistics

/// `tidewatch detect`: anomaly scores for series in CSV files.
struct DetectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Score each value of CSV series for being an anomaly.",
        discussion: """
            Reads every .csv file below DIR (header timestamp,value) and writes the same path below --out with a \
            column score from 0 to 1 added; a score of 0.5 or more is an alert. Rows are scored in the file's order, \
            each against those before it. What deviates is one alert, however long it goes on: its other rows have a score \
            just below 0.5.

            Example: tidewatch detect --method ewma --out scores series
            """)

    enum Method: String, CaseIterable, ExpressibleByArgument {
        case ewma
    }

    @Option(help: "The method; ewma is an exponentially weighted z-score.")
    var method = Method.ewma

    @Option(parsing: .unconditional, help: "The weight of the newest value, above 0 and at most 1.")
    var alpha = EWMA.Parameters.defaults.alpha

    @Option(parsing: .unconditional, help: "Standard deviations from the mean that make an alert.")
    var threshold = EWMA.Parameters.defaults.threshold

    @Option(parsing: .unconditional, help: "Values that must come before the first alert.")
    var warmup = EWMA.Parameters.defaults.warmup

    @Option(parsing: .unconditional, help: "The least standard deviation, in the values' unit.")
    var floorAbsolute = EWMA.Parameters.defaults.floor.absolute

    @Option(parsing: .unconditional, help: "The least standard deviation, as a part of the mean.")
    var floorRelative = EWMA.Parameters.defaults.floor.relative

    @Option(parsing: .unconditional, help: "Values after which what deviates is a change, and usual from then on.")
    var acceptAfter = DetectedSeries.Terms.defaultAcceptAfter

    @Option(parsing: .unconditional, help: "Usual values in a row that end an alert.")
    var settleAfter = 60

    @Option(help: ArgumentHelp("The folder for the results.", valueName: "dir"), completion: .directory)
    var out: String

    @Argument(help: "The folder with the series.", completion: .directory)
    var folder: String

    func validate() throws {
        guard alpha > 0, alpha <= 1 else { throw ValidationError("--alpha must be above 0 and at most 1") }
        guard threshold > 0, threshold.isFinite else { throw ValidationError("--threshold must be above 0") }
        guard warmup >= 0 else { throw ValidationError("--warmup must be 0 or more") }
        guard floorAbsolute >= 0, floorAbsolute.isFinite else {
            throw ValidationError("--floor-absolute must be 0 or more")
        }
        guard floorRelative >= 0, floorRelative.isFinite else {
            throw ValidationError("--floor-relative must be 0 or more")
        }
        guard acceptAfter >= 1 else { throw ValidationError("--accept-after must be 1 or more") }
        guard settleAfter >= 1 else { throw ValidationError("--settle-after must be 1 or more") }
    }

    func run() throws {
        let inputs = try Inputs([folder])
        let files = inputs.files.filter { $0.hasSuffix(".csv") }
        if files.isEmpty { throw CommandFailure(.failed, "\(folder): there is no .csv file below it") }
        let prefix = folder.hasSuffix("/") ? folder : folder + "/"
        let floor = EWMA.Floor(absolute: floorAbsolute, relative: floorRelative)
        guard let parameters = EWMA.Parameters(alpha: alpha, threshold: threshold, warmup: warmup, floor: floor) else {
            throw CommandFailure(.failed, "the method's parameters are out of range")
        }
        let terms = DetectedSeries.Terms(.ewma(parameters), acceptAfter: acceptAfter, settleAfter: settleAfter)
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
                    csv: [UInt8](Data(contentsOf: URL(fileURLWithPath: file))), named: file, terms)
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
