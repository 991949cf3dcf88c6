/// The colours of a terminal (ECMA-48, "select graphic rendition"), as the user has set them.
enum TerminalColour: Int {
    case faint = 2
    case red = 31
    case green = 32
    case yellow = 33
    case cyan = 36

    /// `text` in the colour, and the default behind it. It must not hold what a terminal obeys.
    func text(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
