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

    static func print(_ line: String) {
        write(Array((line + "\n").utf8))
    }

    static func write(_ bytes: [UInt8]) {
        do {
            try FileHandle.standardOutput.write(contentsOf: bytes)
        } catch {
            // Half a result must not pass for a whole one.
            Console.error("standard output can't be written: \(error.localizedDescription)")
            ProcessExit.now(.failed)
        }
    }

    /// Writes a message, of several lines where it has them, of which none can do more to a terminal than be read.
    static func error(_ message: String) {
        let lines = message.split(separator: "\n", omittingEmptySubsequences: false).map { String($0).singleLine }
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
