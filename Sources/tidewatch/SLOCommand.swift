import ArgumentParser
import Foundation
import JSON
import Objectives
import Records
import Replay
import Reporting
import Settings
import TelemetryModel
import Text

/// `tidewatch slo`: reports on objectives.
struct SLOCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slo", abstract: "Report on service-level objectives.", subcommands: [Report.self])

    struct Report: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "report",
            abstract: "Compliance, budget left, burn rates and worst slices of each SLO.",
            discussion: """
                Reads the windows that the consumer published (--config), or those of a replay's folder (--from).

                Example: tidewatch slo report --from out --format json
                """)

        @Option(
            help: ArgumentHelp("The consumer's settings; its windows are read from Kafka.", valueName: "file"),
            completion: .file(extensions: ["yaml", "yml"]))
        var config: String?

        @Option(help: ArgumentHelp("A folder that replay wrote.", valueName: "dir"), completion: .directory)
        var from: String?

        @Option(help: ArgumentHelp("Only this SLO; may be given again.", valueName: "name"))
        var slo: [String] = []

        @Option(
            help: ArgumentHelp(
                "Only groups with this value of a field that SLOs have groups by, such as dimensions.tenant=acme; may be given again.",
                valueName: "field=value"),
            transform: GroupSelection.Term.init(argument:))
        var group: [GroupSelection.Term] = []

        @Option(
            parsing: .unconditional,
            help: ArgumentHelp(
                "The end of the window, such as 2026-03-02T10:00:00Z; default the end of the newest slice with data.",
                valueName: "time"),
            transform: Timestamp.argument)
        var at: Timestamp?

        @Option(help: "How to print it.")
        var format = ReportFormat.table

        @OptionGroup var skipping: SkipOption

        func validate() throws {
            if config == nil, from == nil {
                throw ValidationError(
                    "say where the windows are: --config FILE for Kafka, or --from DIR for a replay's")
            }
            if config != nil, from != nil {
                throw ValidationError("--config and --from name two places to read windows from; leave one of them out")
            }
            if from != nil, !skipping.skip.isEmpty { throw ValidationError("--skip goes with --config FILE") }
        }

        func run() throws {
            var history = WindowHistory()
            var origin: String
            var objectives: [ServiceLevelObjective]?
            var unauthentic = UnauthenticRecords()
            var provenance = Provenance.thisBuild()
            if let from {
                history = try windows(in: from)
                origin = "\(from)/windows.ndjson holds no window"
            } else {
                let config = config ?? ""
                let (settings, resources) = try loadSettings(config)
                if !resources.isEmpty { objectives = resources.objectives }
                provenance = .thisBuild(settings: settings, resources: resources)
                let topics = OutputTopics(prefix: settings.outputs.prefix)
                origin = "the topic \(topics.windows) holds no window"
                let feed = try feedReader(settings, skipping)
                history = try reading("the windows") { try feed.windows() }
                tellSkipsNotMet(feed)
                unauthentic = feed.unauthentic
                if !unauthentic.isEmpty { origin += " that is believed" }
                if history.ledgers.isEmpty, history.passedOver.isEmpty, unauthentic.isEmpty {
                    Console.error(
                        "\(topics.windows) holds no windows yet: they come some seconds after the first records are counted, "
                            + "under the consumer's outputs.prefix")
                }
            }
            let definitions = Dictionary(
                (objectives ?? []).map { ($0.name, $0.definitionFingerprint) }, uniquingKeysWith: { first, _ in first })
            let present = history.ledgers(present: definitions)
            var ledgers = present.ledgers
            if !ledgers.isEmpty { origin = "the windows hold no count" }
            // What matched no record has no window, and is in the report all the same.
            let counted = Set(ledgers.map(\.terms.name))
            ledgers += (objectives ?? []).filter { !counted.contains($0.name) }.map { ObjectiveLedger(objective: $0) }
            if !slo.isEmpty {
                let names = Set(ledgers.map(\.terms.name))
                for name in slo where !names.contains(name) {
                    throw CommandFailure(.misused, "no SLO is called '\(name)'; \(known(names, near: name))")
                }
                ledgers = ledgers.filter { slo.contains($0.terms.name) }
            }
            if !group.isEmpty { ledgers = try GroupSelection(terms: group).selected(ledgers) }
            var report = SLOReport(at: at, ledgers: ledgers, origin: origin)
            report.provenance = provenance
            if let from { take("\(from)/report.json", into: &report) }
            for place in report.entries.indices {
                let name = report.entries[place].terms.name
                guard let blocks = history.superseded[name] else { continue }
                report.entries[place].warnings.append(ReportWarning(superseded: blocks, of: name))
            }
            for (name, gaps) in history.passedOver { report.note(gaps, of: name) }
            report.note(present.former, ledgers: ledgers)
            if let objectives { report.markUnknown(besides: objectives.map(\.name)) }
            for (topic, text) in unauthentic.lines {
                report.warnings.append(ReportWarning(unauthentic: text, in: topic))
            }
            Console.write(report.rendered(as: format, opensGroups: !group.isEmpty))
        }

        /// The nearest of `names`, else the first of them: of thousands nobody reads all.
        private func known(_ names: Set<String>, near name: String) -> String {
            let sorted = names.sorted()
            if sorted.isEmpty { return "the windows hold none" }
            if let guess = EditDistance.nearest(to: name, among: sorted) { return "did you mean '\(guess)'?" }
            let shown = sorted.prefix(10).joined(separator: ", ")
            return "there are \(shown)" + (sorted.count > 10 ? " and \(sorted.count - 10) more" : "")
        }

        /// The replay's own report, where it is in the folder.
        private func take(_ path: String, into report: inout SLOReport) {
            guard let data = FileManager.default.contents(atPath: path) else { return }
            do throws(JSONCursorError) { report.take(try ReplayedReport(json: Array(data))) } catch {
                Console.error("\(path): \(error); the replay's warnings and its configuration are left out")
            }
        }

        private func windows(in folder: String) throws -> WindowHistory {
            let path = "\(folder)/windows.ndjson"
            do throws(ReplayedWindows.Failure) { return try ReplayedWindows(path: path).history } catch {
                guard case .unreadable(let cause) = error, cause.number == ENOENT else {
                    throw CommandFailure(.failed, "\(error)")
                }
                throw CommandFailure(
                    .failed,
                    FileManager.default.fileExists(atPath: folder)
                        ? "\(folder): there is no windows.ndjson in it; name the folder that replay --out wrote, with "
                            + "windows among its --outputs"
                        : "\(folder): there is no such folder; name the one that replay --out wrote")
            }
        }
    }
}

/// How a report is printed.
enum ReportFormat: String, CaseIterable, ExpressibleByArgument {
    case table
    case json
    case markdown
    case html
    case csv
}

extension SLOReport {
    /// - Parameter opensGroups: give each group of an SLO a line of its own also in what people read.
    func rendered(as format: ReportFormat, opensGroups: Bool = false) -> [UInt8] {
        var shown: SLOReport { opensGroups ? self : folded }
        return switch format {
        case .table: Array(shown.table(width: Console.outputColumns, isColoured: Console.usesColour).utf8)
        case .json: json + [0x0A]
        case .markdown: Array(shown.markdown.utf8)
        case .html: Array(shown.html.utf8)
        case .csv: Array(csv.utf8)
        }
    }
}
