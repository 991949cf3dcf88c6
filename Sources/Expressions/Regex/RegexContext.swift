/// What is beside the place between two bytes, as far as assertions ask.
enum RegexContext: UInt8, BitwiseCopyable, Sendable {
    /// No byte: the text begins or ends here.
    case edge
    case word
    case newline
    case other

    init(_ byte: UInt8) {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: self = .word
        case 0x0A: self = .newline
        default: self = .other
        }
    }
}

extension RegexAssertion {
    func holds(after previous: RegexContext, before next: RegexContext) -> Bool {
        switch self {
        case .textStart: previous == .edge
        case .textEnd: next == .edge
        case .lineStart: previous == .edge || previous == .newline
        case .lineEnd: next == .edge || next == .newline
        case .wordBoundary: (previous == .word) != (next == .word)
        case .notWordBoundary: (previous == .word) == (next == .word)
        }
    }
}
