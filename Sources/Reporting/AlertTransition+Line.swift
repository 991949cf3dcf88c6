import Alerting
import Text

extension AlertTransition {
    /// The transition as a line of a terminal: time, severity, status, summary.
    ///
    /// `isColoured` marks severity and status with ANSI colours. Text from outside cannot.
    public func line(isColoured: Bool = false) -> String {
        let severity = AlertTransition.padded(alert.severity.rawValue.uppercased(), to: 8)
        let status = AlertTransition.padded(alert.status.rawValue.uppercased(), to: 8)
        let colour: TerminalColour =
            switch (alert.status, alert.severity) {
            case (.resolved, _): .green
            case (.open, .critical), (.open, .error): .red
            case (.open, .warning): .yellow
            case (.open, .info): .cyan
            }
        let middle = isColoured ? colour.text("\(severity)  \(status)") : "\(severity)  \(status)"
        return "\(alert.time)  \(middle)  \(Inert.line(alert.summary))"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
