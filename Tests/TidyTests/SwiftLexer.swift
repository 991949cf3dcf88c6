/// A word, number, string or symbol of a Swift file, with the line on which it begins.
struct Token: Equatable {
    enum Kind { case word, number, string, symbol }

    let kind: Kind
    /// A word without backticks; of a string what is between its quotes, without what it interpolates; of a symbol one
    /// character.
    let text: String
    let line: Int

    func isSymbol(_ symbol: String) -> Bool { kind == .symbol && text == symbol }
    func isWord(_ word: String) -> Bool { kind == .word && text == word }
}

/// Swift's text as tokens, so that no rule finds something in a comment or a string.
///
/// As much of the language's lexical structure as the rules need: nested comments, strings of several lines and with
/// number signs, interpolations (whose code is tokens, in parentheses), identifiers in backticks. No regex literals, of
/// which this package has none.
struct SwiftLexer {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var tokens: [Token] = []

    static func tokens(of text: String) -> [Token] {
        var lexer = SwiftLexer(bytes: Array(text.utf8))
        lexer.readCode(inInterpolation: false)
        return lexer.tokens
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func byte(_ ahead: Int = 0) -> UInt8 {
        position + ahead < bytes.count ? bytes[position + ahead] : 0
    }

    private mutating func advance() {
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func append(_ kind: Token.Kind, from start: Int, to end: Int, line: Int) {
        tokens.append(Token(kind: kind, text: String(decoding: bytes[start..<end], as: UTF8.self), line: line))
    }

    /// To the end of the file, or of the interpolation, whose closing parenthesis it takes.
    private mutating func readCode(inInterpolation: Bool) {
        var depth = 0
        while position < bytes.count {
            let first = byte()
            if first <= UInt8(ascii: " ") {
                advance()
            } else if Self.isWordPart(first) {
                if Self.isDigit(first) { readNumber() } else { readWord() }
            } else if first == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "/") {
                while position < bytes.count, byte() != UInt8(ascii: "\n") { position += 1 }
            } else if first == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                skipComment()
            } else if let marks = numberSignsOfString() {
                readString(numberSigns: marks)
            } else if first == UInt8(ascii: "`") {
                position += 1
            } else {
                if inInterpolation {
                    if first == UInt8(ascii: "(") { depth += 1 }
                    if first == UInt8(ascii: ")") { depth -= 1 }
                }
                append(.symbol, from: position, to: position + 1, line: line)
                position += 1
                if depth < 0 { return }
            }
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    private static func isWordPart(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return (lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")) || isDigit(byte) || byte >= 0x80
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }

    private mutating func readWord() {
        let start = position
        while Self.isWordPart(byte()) { position += 1 }
        append(.word, from: start, to: position, line: line)
    }

    /// With its fraction, and without the dots of a range.
    private mutating func readNumber() {
        let start = position
        while Self.isWordPart(byte()) || (byte() == UInt8(ascii: ".") && Self.isDigit(byte(1))) { position += 1 }
        append(.number, from: start, to: position, line: line)
    }

    private mutating func skipComment() {
        var depth = 0
        repeat {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                position += 2
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                position += 2
            } else {
                advance()
            }
        } while depth > 0 && position < bytes.count
    }

    /// How many number signs stand before the quote of a string that begins here.
    private func numberSignsOfString() -> Int? {
        var count = 0
        while byte(count) == UInt8(ascii: "#") { count += 1 }
        return byte(count) == UInt8(ascii: "\"") ? count : nil
    }

    private mutating func readString(numberSigns: Int) {
        let begin = line
        position += numberSigns
        let quotes = byte(1) == UInt8(ascii: "\"") && byte(2) == UInt8(ascii: "\"") ? 3 : 1
        position += quotes
        // The string's token comes before those of its interpolations.
        let place = tokens.count
        tokens.append(Token(kind: .string, text: "", line: begin))
        var text: [UInt8] = []
        while position < bytes.count {
            if isClosed(quotes: quotes, numberSigns: numberSigns) {
                position += quotes + numberSigns
                break
            }
            if byte() == UInt8(ascii: "\\"), hasNumberSigns(numberSigns, after: 1) {
                position += 1 + numberSigns
                if byte() == UInt8(ascii: "(") {
                    append(.symbol, from: position, to: position + 1, line: line)
                    position += 1
                    readCode(inInterpolation: true)
                } else if position < bytes.count {
                    text.append(byte())
                    advance()
                }
                continue
            }
            text.append(byte())
            advance()
        }
        tokens[place] = Token(kind: .string, text: String(decoding: text, as: UTF8.self), line: begin)
    }

    private func isClosed(quotes: Int, numberSigns: Int) -> Bool {
        for ahead in 0..<quotes where byte(ahead) != UInt8(ascii: "\"") { return false }
        return hasNumberSigns(numberSigns, after: quotes)
    }

    private func hasNumberSigns(_ count: Int, after start: Int) -> Bool {
        for ahead in start..<start + count where byte(ahead) != UInt8(ascii: "#") { return false }
        return true
    }
}
