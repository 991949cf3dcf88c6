import Alerting
import Text

extension AlertTransition {
    /// The transition as a line of a terminal: time, severity, status, summary.
    ///
    /// `isColoured` marks severity and status with ANSI colours. Text from outside cannot.
    public func line(isColoured: Bool = false) -> String {
        "\(alert.time)  \(mark(isColoured: isColoured, isPadded: true))  \(Inert.line(alert.summary))"
    }

    /// The line, and below it for one that is open where its links lead: a runbook, a dashboard.
    public func lines(isColoured: Bool = false) -> [String] {
        let links = alert.status == .open ? alert.links : []
        return [line(isColoured: isColoured)]
            + links.map { "    \(Inert.line($0.text.map { "\($0): " } ?? ""))\(Inert.line($0.href))" }
    }

    /// Severity and status.
    func mark(isColoured: Bool, isPadded: Bool) -> String {
        let width = isPadded ? 8 : 0
        let severity = AlertTransition.padded(alert.severity.rawValue.uppercased(), to: width)
        let status = AlertTransition.padded(alert.status.rawValue.uppercased(), to: width)
        let colour: TerminalColour =
            switch (alert.status, alert.severity) {
            case (.resolved, _): .green
            case (.open, .critical), (.open, .error): .red
            case (.open, .warning): .yellow
            case (.open, .info): .cyan
            }
        return isColoured ? colour.text("\(severity)  \(status)") : "\(severity)  \(status)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
