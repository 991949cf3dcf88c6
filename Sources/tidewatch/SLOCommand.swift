import ArgumentParser
import Foundation
import Objectives
import Pipeline
import TelemetryModel

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

        @Option(help: ArgumentHelp("The consumer's settings; its windows are read from Kafka.", valueName: "file"))
        var config: String?

        @Option(help: ArgumentHelp("A folder that replay wrote.", valueName: "dir"))
        var from: String?

        @Option(help: ArgumentHelp("Only this SLO; may be given again.", valueName: "name"))
        var slo: [String] = []

        @Option(help: "The end of the window, RFC 3339; default the end of the newest slice with data.")
        var at: Timestamp?

        @Option(help: "table, json, markdown, html or csv.")
        var format = ReportFormat.table

        @OptionGroup var skipping: SkipOption

        func validate() throws {
            guard (config == nil) != (from == nil) else {
                throw ValidationError("say where the windows are: either --config FILE or --from DIR")
            }
        }

        func run() throws {
            var history = WindowHistory()
            var origin: String
            var objectives: [ServiceLevelObjective] = []
            if let from {
                try read(folder: from, into: &history)
                origin = "\(from)/windows.ndjson holds no window"
            } else {
                let config = config ?? ""
                let (settings, resources) = try loadSettings(config)
                objectives = resources.objectives
                let topics = OutputTopics(prefix: settings.outputs.prefix)
                origin = "the topic \(topics.windows) holds no window"
                history = try reading("the windows") { try feedReader(settings, skipping).windows() }
                if history.ledgers.isEmpty {
                    Console.error(
                        "\(topics.windows) holds no windows yet: they come some seconds after the first records are counted, "
                            + "under the consumer's outputs.prefix")
                }
            }
            var ledgers = history.ledgers
            if !ledgers.isEmpty { origin = "the windows hold no count" }
            // What matched no record has no window, and is in the report all the same.
            let counted = Set(ledgers.map(\.terms.name))
            ledgers += objectives.filter { !counted.contains($0.name) }.map { ObjectiveLedger(objective: $0) }
            if !slo.isEmpty {
                let names = Set(ledgers.map(\.terms.name))
                for name in slo where !names.contains(name) {
                    throw CommandFailure(
                        .misused,
                        "no SLO is called '\(name)'; there are \(names.sorted().joined(separator: ", "))")
                }
                ledgers = ledgers.filter { slo.contains($0.terms.name) }
            }
            var report = SLOReport(at: at, ledgers: ledgers, origin: origin)
            if let from, let data = FileManager.default.contents(atPath: "\(from)/report.json") {
                report.takeWarnings(ofReplay: data)
            }
            for place in report.entries.indices {
                let name = report.entries[place].terms.name
                guard let blocks = history.superseded[name] else { continue }
                report.entries[place].warnings.append(ReportWarning(superseded: blocks, of: name))
            }
            Console.write(report.rendered(as: format))
        }

        private func read(folder: String, into history: inout WindowHistory) throws {
            let path = "\(folder)/windows.ndjson"
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CommandFailure(
                    .failed, "\(path): the file can't be read; was the replay run with the output 'windows'?")
            }
            for (index, line) in data.split(separator: 0x0A).enumerated() {
                do {
                    history.add(try WindowRecord(json: Array(line)))
                } catch {
                    throw CommandFailure(.failed, "\(path):\(index + 1): \(error)")
                }
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
    func rendered(as format: ReportFormat) -> [UInt8] {
        switch format {
        case .table: Array(table(width: Console.outputColumns, isColoured: Console.usesColour).utf8)
        case .json: json + [0x0A]
        case .markdown: Array(markdown.utf8)
        case .html: Array(html.utf8)
        case .csv: Array(csv.utf8)
        }
    }
}
