import ArgumentParser
import CBuild
import Foundation

/// The command line's root.
@main
struct TidewatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tidewatch",
        abstract: "SLOs, anomaly alerts and audit records from what an AWS estate says about itself.",
        discussion: """
            Reads CloudTrail, VPC flow logs and CloudWatch metrics from Kafka or from files, counts them exactly, and \
            publishes alerts and audit records.

            Exit status: 0 done; 1 failed while running; 2 the command line or a configuration is wrong; \
            3 a gate did not hold.
            """,
        version: TidewatchVersion.full,
        subcommands: [
            DemoCommand.self, RunCommand.self, ReplayCommand.self, DecodeCommand.self, SLOCommand.self,
            AlertsCommand.self, ConfigCommand.self, DetectCommand.self, GenerateCommand.self, BrokerCommand.self,
        ])

    /// As ArgumentParser's own, but for the exit status: a wrong command line is 2, a failed run 1.
    static func main() async {
        var command: any ParsableCommand
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == "help", let hint = MistypedCommand.hint(for: Array(arguments.dropFirst()), of: self) {
            Console.error(hint)
            ProcessExit.now(.misused)
        }
        do {
            command = try parseAsRoot()
        } catch {
            exit(withParsingError: error)
        }
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch let failure as CommandFailure {
            if !failure.description.isEmpty { Console.error(failure.description) }
            ProcessExit.now(failure.status)
        } catch let error as CleanExit {
            exit(withError: error)
        } catch let error as ExitCode {
            ProcessExit.now(ProcessStatus(rawValue: error.rawValue) ?? .failed)
        } catch let error as ValidationError {
            exit(withParsingError: error)
        } catch let error as CocoaError {
            Console.error("\(error.filePath ?? "a file"): \(error.localizedDescription)")
            ProcessExit.now(.failed)
        } catch {
            // Help comes as a command of its own, whose running ends with what it prints.
            if exitCode(for: error) == .success { exit(withError: error) }
            Console.error("\(error)")
            ProcessExit.now(.failed)
        }
    }

    private static func exit(withParsingError error: any Error) -> Never {
        if exitCode(for: error) == .success { exit(withError: error) }
        if let hint = MistypedCommand.hint(for: Array(CommandLine.arguments.dropFirst()), of: self) {
            Console.error(hint)
            ProcessExit.now(.misused)
        }
        Console.error(lines: fullMessage(for: error).split(separator: "\n", omittingEmptySubsequences: false))
        ProcessExit.now(.misused)
    }
}

enum TidewatchVersion {
    static let text = "0.2.0"

    /// The commit that this was built from; `nil` where that is not known.
    static var commit: String? {
        let commit = String(cString: tidewatch_commit())
        return commit.isEmpty ? nil : commit
    }

    static var full: String { commit.map { "\(text) (\($0))" } ?? text }
}
