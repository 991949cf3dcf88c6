import Alerting
import Text

extension AlertTransition {
    /// The transition as a person reads it who has just been woken: when and how bad; what; why, with the numbers; and what to do, as far as
    /// the resource says it. One that is resolved says what and why alone.
    ///
    /// No line is wider than `width`, unless a word is. `isColoured` marks severity and status with ANSI colours; text from outside cannot.
    public func notice(width: Int?, isColoured: Bool = false) -> [String] {
        var lines = ["\(alert.time)  \(mark(isColoured: isColoured, isPadded: false))"]
        var parts = [("what", alert.summary), ("why", reason)]
        if alert.status == .open {
            if let description = alert.annotations["description"] { parts.append(("do", description)) }
            for link in alert.links { parts.append((Inert.line(link.text?.lowercased() ?? "see"), link.href)) }
        }
        let column = 2 + (parts.map(\.0.count).max() ?? 0) + 2
        for (name, text) in parts {
            let head = "  \(name)" + String(repeating: " ", count: column - 2 - name.count)
            lines += WrappedText.lines(
                Inert.line(text), width: width, head: head, indent: String(repeating: " ", count: column))
        }
        return lines
    }
}
