import Foundation
import TestSupport
import Testing

extension Process {
    /// Waits for its end. One that does not come fails the test, which would hold its thread for ever else, and all tests behind it.
    func awaitEnd(within limit: Duration = .seconds(600), sourceLocation: SourceLocation = #_sourceLocation) {
        if !eventually(within: limit, { !isRunning }) {
            let command = [executableURL?.path ?? "", processIdentifier.description] + (arguments ?? [])
            Issue.record("still runs after \(limit): \(command.joined(separator: " "))", sourceLocation: sourceLocation)
            kill(processIdentifier, SIGKILL)
            _ = eventually(within: .seconds(10)) { !isRunning }
        }
    }
}
