import ArgumentParser
import Foundation
import Settings
import Sinks

/// `tidewatch config check`: settings and resources, validated.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Validate settings and resources.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Print every problem in settings and resources, and what to do about it.",
            discussion: """
                Takes files and folders of settings and resources, as they come. Exit status 2 when there is a problem. \
                With --against, the selectors of SLOs and rollups are held against records: those that match nothing are \
                printed with near names that were seen, and exit status 3 says so with --strict.

                Example: tidewatch config check deploy/examples
                Example: tidewatch config check slos --against logs
                """)

        @Option(
            help: ArgumentHelp(
                "Records to hold selectors against: a file or a folder; may be given again.", valueName: "path"),
            completion: .file())
        var against: [String] = []

        @Flag(help: "With --against: exit status 3 when a selector matches nothing.")
        var strict = false

        @Argument(help: "Files and folders.", completion: .file())
        var paths: [String]

        func validate() throws {
            if strict, against.isEmpty { throw ValidationError("--strict goes with --against PATH") }
        }

        func run() throws {
            let problems = SettingsLoader(sinks: SinkKinds.all).check(
                paths: paths, environment: ProcessInfo.processInfo.environment)
            try refuse(problems)
            Console.error(problems.isEmpty ? "no problems" : "no problems but the warnings above")
            if !against.isEmpty { try holdAgainst(against) }
        }
    }
}

/// Prints configuration problems, and ends with status 2 unless they are warnings alone.
func refuse(_ problems: [ConfigurationProblem]) throws {
    for problem in problems { Console.error(problem.description) }
    let count = problems.count { !$0.isWarning }
    if count == 0 { return }
    throw CommandFailure(.misused, count == 1 ? "1 problem" : "\(count) problems")
}
