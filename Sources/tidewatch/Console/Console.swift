import Foundation
import TelemetryModel
import Text

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Results go to standard output, everything else to standard error.
enum Console {
    static let outputDescriptor = STDOUT_FILENO
    static let outputIsTerminal = isatty(STDOUT_FILENO) == 1
    static let errorIsTerminal = isatty(STDERR_FILENO) == 1

    /// How wide the terminal is; `nil` where standard output is none, or does not say.
    static var outputColumns: Int? {
        var size = winsize()
        guard outputIsTerminal, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    /// Colours only on a terminal, and not where `NO_COLOR` asks for none (no-color.org).
    static var usesColour: Bool {
        outputIsTerminal && (ProcessInfo.processInfo.environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Prints one line, whatever the names in it hold.
    static func print(_ line: String) {
        print(rendered: Inert.line(line))
    }

    /// Prints a line of `Reporting`, in which colours are its own and nothing else acts.
    static func print(rendered line: String) {
        write(Array((line + "\n").utf8))
    }

    /// Writes documents of `Reporting` and lines of JSON, in which text from outside is inert already.
    static func write(_ bytes: [UInt8]) {
        do {
            try FileHandle.standardOutput.write(contentsOf: bytes)
        } catch {
            // Half a result must not pass for a whole one.
            Console.error("standard output can't be written: \(error.localizedDescription)")
            ProcessExit.now(.failed)
        }
    }

    /// Writes a message on one line, so that no name in it makes a line of its own, or does more to a terminal than be read.
    static func error(_ message: String) {
        error(lines: [message])
    }

    /// Writes a message of several lines, in one piece.
    static func error(lines: some Sequence<some StringProtocol>) {
        let lines = lines.map { Inert.line(String($0)) }
        try? FileHandle.standardError.write(contentsOf: Array((lines.joined(separator: "\n") + "\n").utf8))
    }

    /// How reading ended: what was decoded, what was not, and why, on standard error.
    static func outcome(decoded: Int, deadLettered: [RejectionReason: Int]) {
        error("decoded \(decoded), dead-lettered \(deadLettered.values.reduce(0, +))")
        for (reason, count) in deadLettered.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            error("  \(reason.rawValue): \(count)")
        }
    }
}
