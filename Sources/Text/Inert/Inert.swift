/// Text from outside, made so that nothing in it acts where it is read: one function for each kind of output.
///
/// User agents, names and error messages in records are chosen by those who send requests, names in topics by those who may write
/// them. A terminal obeys escape sequences, a spreadsheet computes formulas, a chat calls its members. So each output that
/// holds such text passes it through the function of its kind, and nothing else escapes: `line` for terminals, text logs and
/// error messages, `csv`, `markdown`, `html`, `metricLabel`, `sentence` and `blanked` for what is sent to people, and for
/// documents in JSON `json`, which stands in the target of that name.
public enum Inert {}

extension Unicode.Scalar {
    /// Whether a terminal, or what lays text out, obeys it instead of showing it: control characters (C0, DEL, C1), ends of
    /// lines and paragraphs, and format characters, which turn the direction of writing, join, hide or have no width.
    public var isActive: Bool {
        if value < 0x7F { return value < 0x20 }
        if value < 0xAD { return value < 0xA0 }
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: return true
        default: return false
        }
    }
}

extension Inert {
    /// Whether all of a text is printable ASCII, as almost all text from outside is.
    static func isPrintableASCII(_ text: String) -> Bool { text.utf8.allSatisfy { (0x20..<0x7F).contains($0) } }
}
