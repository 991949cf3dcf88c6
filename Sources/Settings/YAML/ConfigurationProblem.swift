/// One thing that is wrong with a configuration: where it stands, what it is, and what to do about it.
///
/// Loading never stops at the first problem: an operator mends a file once, not once for each mistake.
public struct ConfigurationProblem: Error, Sendable, Equatable, CustomStringConvertible {
    public var file: String
    /// From 1; a problem of a file as a whole stands at 1:1.
    public var line: Int
    /// From 1, in Unicode scalars.
    public var column: Int
    /// Keys and list indexes from the document's root: `spec.objectives[0].target`; `.` for the root itself.
    public var path: String
    public var message: String
    /// What to do: an imperative, or "did you mean …?".
    public var suggestion: String
    /// Whether the configuration can be used all the same.
    public var isWarning: Bool

    public init(
        file: String, line: Int, column: Int, path: String, message: String, suggestion: String, isWarning: Bool = false
    ) {
        self.file = file
        self.line = line
        self.column = column
        self.path = path
        self.message = message
        self.suggestion = suggestion
        self.isWarning = isWarning
    }

    /// `FILE:LINE:COLUMN: PATH: message; suggestion`, a warning with that word before its message, on one line whatever the values hold.
    public var description: String {
        let text =
            "\(file):\(line):\(column): \(path.isEmpty ? "." : path): \(isWarning ? "warning: " : "")\(message); \(suggestion)"
        return String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }
}
