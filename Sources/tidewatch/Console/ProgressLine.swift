import Foundation
import Text

/// A line on the terminal that tells how far long work has come. Silent where standard error is no terminal.
struct ProgressLine {
    private let label: String
    private var lastShown = ContinuousClock.now
    private var isShown = false

    init(_ label: String) {
        self.label = label
    }

    /// Shows `text` at most five times in a second, so that progress costs nothing.
    mutating func update(_ text: @autoclosure () -> String) {
        guard Console.errorIsTerminal, lastShown.duration(to: .now) > .milliseconds(200) else { return }
        lastShown = .now
        isShown = true
        try? FileHandle.standardError.write(contentsOf: Array("\r\u{1B}[K\(Inert.line("\(label): \(text())"))".utf8))
    }

    /// Clears the line, so that what follows starts at the left edge.
    mutating func finish() {
        if isShown { try? FileHandle.standardError.write(contentsOf: Array("\r\u{1B}[K".utf8)) }
        isShown = false
    }
}
