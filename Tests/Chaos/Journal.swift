import Foundation
import Synchronization

/// What happened when, and what was wrong: printed as it comes, and kept in the run's folder.
final class Journal: Sendable {
    private let begun = ContinuousClock.now
    private let state = Mutex(State())
    private let file: FileHandle

    private struct State {
        var problems: [String] = []
    }

    init(folder: URL) throws {
        let url = folder.appendingPathComponent("journal.log")
        _ = FileManager.default.createFile(atPath: url.path, contents: nil)
        file = try FileHandle(forWritingTo: url)
    }

    var problems: [String] { state.withLock { $0.problems } }

    func note(_ text: String) {
        let components = begun.duration(to: .now).components
        let milliseconds = components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
        let seconds = "\(milliseconds / 1_000).\(String(milliseconds % 1_000 + 1_000).dropFirst())"
        state.withLock { _ in
            // Not `print`, which holds back what goes to a file or a pipe.
            FileHandle.standardOutput.write(Data("chaos: \(seconds) \(text)\n".utf8))
            file.write(Data("\(seconds) \(text)\n".utf8))
        }
    }

    func problem(_ text: String) {
        note("PROBLEM \(text)")
        state.withLock { $0.problems.append(text) }
    }
}
