import ArgumentParser
import Foundation
import Settings

/// `tidewatch config check`: settings and resources, validated.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Validate settings and resources.", subcommands: [Check.self])

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check",
            abstract: "Print every problem in settings and resources, and what to do about it.",
            discussion: """
                Takes files and folders of settings and resources, as they come. Exit status 2 when there is a problem.

                Example: tidewatch config check deploy/examples
                """)

        @Argument(help: "Files and folders.")
        var paths: [String]

        func run() throws {
            let problems = SettingsLoader.check(
                paths: paths, environment: ProcessInfo.processInfo.environment, checkKafkaOption: kafkaOptionProblem)
            try refuse(problems)
            Console.error("no problems")
        }
    }
}

/// Prints configuration problems and ends with status 2, if there are any.
func refuse(_ problems: [ConfigurationProblem]) throws {
    if problems.isEmpty { return }
    for problem in problems { Console.error(problem.description) }
    throw CommandFailure(.misused, problems.count == 1 ? "1 problem" : "\(problems.count) problems")
}
