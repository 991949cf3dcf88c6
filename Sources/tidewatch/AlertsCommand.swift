import Alerting
import ArgumentParser
import Foundation
import Records
import Reporting

/// `tidewatch alerts`: the alert feed.
struct AlertsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "Follow or list alerts.", subcommands: [Tail.self, List.self])

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "tail",
            abstract: "Print alert transitions as they are published, until interrupted.",
            discussion: "Example: tidewatch alerts tail --config settings.yaml")

        @Option(
            help: ArgumentHelp("The consumer's settings.", valueName: "file"),
            completion: .file(extensions: ["yaml", "yml"]))
        var config: String

        @Flag(help: "Print what was published before, too.")
        var fromBeginning = false

        @Option(help: "How to print them; json is the feed's own records.")
        var format = TableFormat.table

        @OptionGroup var skipping: SkipOption

        func run() async throws {
            let (settings, _) = try loadSettings(config)
            let feed = try feedReader(settings, skipping, isFollowing: true)
            let interrupted = Task { await TerminationSignal.first() }
            let finished = StopFlag()
            let format = format
            let fromBeginning = fromBeginning
            let topic = OutputTopics(prefix: settings.outputs.prefix).alerts
            Task {
                _ = await interrupted.value
                finished.raise()
            }
            try await onOwnThread {
                try reading("the alerts") {
                    try feed.follow(
                        fromBeginning: fromBeginning, isDone: { finished.isRaised },
                        begun: { Console.error("following \(topic)" + (fromBeginning ? "" : " from now on")) },
                        { for line in $0.lines(as: format) { Console.print(rendered: line) } })
                }
                tellUnauthentic(feed)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Print the alerts that are open.",
            discussion: "Example: tidewatch alerts list --config settings.yaml --all")

        @Option(
            help: ArgumentHelp("The consumer's settings.", valueName: "file"),
            completion: .file(extensions: ["yaml", "yml"]))
        var config: String

        @Flag(help: "Resolved alerts, too.")
        var all = false

        @Option(help: "How to print them; json is the feed's own records.")
        var format = TableFormat.table

        @OptionGroup var skipping: SkipOption

        func run() throws {
            let (settings, _) = try loadSettings(config)
            let feed = try feedReader(settings, skipping)
            let alerts = try reading("the alerts") { try feed.alerts() }
            tellSkipsNotMet(feed)
            tellUnauthentic(feed)
            let shown = alerts.filter { all || $0.alert.status == .open }
            for line in shown.flatMap({ $0.lines(as: format) }) { Console.print(rendered: line) }
            if shown.isEmpty { Console.error(all ? "there were no alerts yet" : "no alert is open") }
        }
    }
}

extension AlertTransition {
    func lines(as format: TableFormat) -> [String] {
        switch format {
        case .table: lines(isColoured: Console.usesColour)
        case .json: [String(decoding: json, as: UTF8.self)]
        }
    }
}
