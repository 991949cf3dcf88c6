extension AlertTransition {
    /// The transition as a line of a terminal: time, severity, status, summary.
    ///
    /// `isColoured` marks severity and status with ANSI colours. Text from outside cannot: its control characters are
    /// blanked when the alert is made.
    public func line(isColoured: Bool = false) -> String {
        let severity = AlertTransition.padded(alert.severity.rawValue.uppercased(), to: 8)
        let status = AlertTransition.padded(alert.status.rawValue.uppercased(), to: 8)
        let code =
            switch (alert.status, alert.severity) {
            case (.resolved, _): "32"
            case (.open, .critical), (.open, .error): "31"
            case (.open, .warning): "33"
            case (.open, .info): "36"
            }
        let middle = isColoured ? "\u{1B}[\(code)m\(severity)  \(status)\u{1B}[0m" : "\(severity)  \(status)"
        return "\(alert.time)  \(middle)  \(alert.summary)"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }
}
