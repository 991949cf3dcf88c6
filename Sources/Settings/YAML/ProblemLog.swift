/// Collects the problems of one load, from any number of files.
///
/// A class, because readers of every depth report to the same log; it never leaves the thread that loads.
final class ProblemLog {
    /// Enough for any honest mistake; a file that is not a configuration at all must not print a million lines.
    static let countMax = 1000

    private var problems: [(fileIndex: Int, problem: ConfigurationProblem)] = []
    private var fileIndexes: [String: Int] = [:]

    /// Problems reported so far, also those past `countMax`, without warnings. Whoever reads a value can tell by it whether all went well.
    private(set) var count = 0

    /// Whether more problems would go unread, so that suggestions for them need not be looked for.
    var isFull: Bool { problems.count >= ProblemLog.countMax }

    /// Makes the order of files in the report the order in which they were opened.
    func begin(file: String) {
        if fileIndexes[file] == nil { fileIndexes[file] = fileIndexes.count }
    }

    func report(
        file: String, mark: SourceMark, path: String, message: String, suggestion: String, isWarning: Bool = false
    ) {
        if !isWarning { count += 1 }
        guard problems.count < ProblemLog.countMax else { return }
        begin(file: file)
        problems.append(
            (
                fileIndexes[file] ?? 0,
                ConfigurationProblem(
                    file: file, line: mark.line, column: mark.column, path: path, message: message,
                    suggestion: suggestion, isWarning: isWarning)
            ))
    }

    /// By file, line and column; problems of one place in the order in which they were found.
    var sorted: [ConfigurationProblem] {
        problems.enumerated().sorted { left, right in
            let (a, b) = (left.element, right.element)
            return (a.fileIndex, a.problem.line, a.problem.column, left.offset)
                < (b.fileIndex, b.problem.line, b.problem.column, right.offset)
        }.map(\.element.problem)
    }
}
