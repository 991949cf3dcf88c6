import ArgumentParser
import TelemetryModel
import Text

/// What to say of a word that stands where a subcommand should and is none. The parser itself would only call it an
/// unexpected argument.
enum MistypedCommand {
    /// `nil` where each subcommand is one that there is.
    static func hint(for arguments: [String], of root: any ParsableCommand.Type) -> String? {
        var command = root
        var names = [root._commandName]
        for word in arguments {
            let subcommands = command.configuration.subcommands
            if subcommands.isEmpty { return nil }
            if let next = subcommands.first(where: { $0._commandName == word }) {
                command = next
                names.append(word)
                continue
            }
            let whole = names.joined(separator: " ")
            switch word {
            // The parser adds these two to every command.
            case "help", "--help", "-h", "--version": return nil
            case "version", "-v", "-V": return "\(whole): to see the version: \(names[0]) --version"
            default: break
            }
            // An option is the parser's to refuse.
            if word.hasPrefix("-") { return nil }
            let known = subcommands.map { $0._commandName }
            let guess = EditDistance.nearest(to: word, among: known)
            return "\(whole): there is no command '\(word)'"
                + (guess.map { "; did you mean '\(whole) \($0)'?" }
                    ?? "; there \(known.count == 1 ? "is" : "are") \(known.joined(separator: ", "))")
        }
        return nil
    }
}
