/// Cuts an expression into tokens, as the "Syntax" section of the CEL specification defines them.
struct Lexer {
    enum Token: Equatable {
        case identifier(String)
        /// A name between backquotes, which only a selection may be.
        case quotedIdentifier(String)
        /// Without its sign, so that the smallest integer can be written.
        case integer(UInt64)
        case double(Double)
        case text([UInt8])
        case symbol(String)
        case end
    }

    let bytes: [UInt8]
    /// Bytes taken so far; the literals' own extension moves it too.
    var place = 0
    /// Bytes before the token read last.
    private(set) var tokenOffset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    func problem(_ message: String, at offset: Int) -> ExpressionProblem {
        ExpressionProblem(message, at: offset, in: bytes)
    }

    mutating func next() throws(ExpressionProblem) -> Token {
        skipSpaceAndComments()
        tokenOffset = place
        guard let byte = peek() else { return .end }
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number()
        case UInt8(ascii: ".") where peek(1).map(Lexer.isDigit) == true:
            return try number()
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return .text(try text(isRaw: false))
        case UInt8(ascii: "`"):
            return try quotedIdentifier()
        case let letter where Lexer.isLetter(letter):
            return try word()
        default:
            return try symbol()
        }
    }

    func peek(_ ahead: Int = 0) -> UInt8? {
        place + ahead < bytes.count ? bytes[place + ahead] : nil
    }

    mutating func advance(_ count: Int = 1) {
        place = min(bytes.count, place + count)
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

    static func isLetter(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == UInt8(ascii: "_")
    }

    private mutating func skipSpaceAndComments() {
        while let byte = peek() {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0C, 0x0D:
                place += 1
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let byte = peek(), byte != 0x0A { place += 1 }
            default:
                return
            }
        }
    }

    private mutating func word() throws(ExpressionProblem) -> Token {
        let start = place
        while let byte = peek(), Lexer.isLetter(byte) || Lexer.isDigit(byte) { place += 1 }
        let name = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let quote = peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            return .identifier(name)
        }
        switch name.lowercased() {
        case "r": return .text(try text(isRaw: true))
        case "b", "rb", "br":
            throw problem("byte literals are not supported: events hold text; write it without the b", at: start)
        default:
            return .identifier(name)
        }
    }

    private mutating func quotedIdentifier() throws(ExpressionProblem) -> Token {
        let start = place
        place += 1
        while let byte = peek(), byte != UInt8(ascii: "`"), byte != 0x0A { place += 1 }
        guard peek() == UInt8(ascii: "`") else {
            throw problem("this name has no closing backquote", at: start)
        }
        let name = String(decoding: bytes[(start + 1)..<place], as: UTF8.self)
        place += 1
        if name.isEmpty { throw problem("a name between backquotes can't be empty", at: start) }
        return .quotedIdentifier(name)
    }

    private mutating func number() throws(ExpressionProblem) -> Token {
        let start = place
        if peek() == UInt8(ascii: "0"), let x = peek(1), x | 0x20 == UInt8(ascii: "x") {
            place += 2
            let digits = place
            while let byte = peek(), Lexer.isDigit(byte) || (0x61...0x66).contains(byte | 0x20) { place += 1 }
            try refuseSuffix(from: start)
            guard let value = UInt64(String(decoding: bytes[digits..<place], as: UTF8.self), radix: 16) else {
                throw problem("this hexadecimal number has no digits or does not fit into 64 bits", at: start)
            }
            return .integer(value)
        }
        var isDouble = false
        skipDigits()
        if peek() == UInt8(ascii: "."), peek(1).map(Lexer.isDigit) == true {
            isDouble = true
            place += 1
            skipDigits()
        }
        if let e = peek(), e | 0x20 == UInt8(ascii: "e") {
            let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 1 : 0
            if peek(1 + sign).map(Lexer.isDigit) == true {
                isDouble = true
                place += 1 + sign
                skipDigits()
            }
        }
        let digits = String(decoding: bytes[start..<place], as: UTF8.self)
        try refuseSuffix(from: start)
        if isDouble {
            guard let value = Double(digits), value.isFinite else {
                throw problem("this number is too large for a double", at: start)
            }
            return .double(value)
        }
        guard let value = UInt64(digits) else {
            throw problem("this number does not fit into 64 bits; write \(digits).0 for a double", at: start)
        }
        return .integer(value)
    }

    private mutating func skipDigits() {
        while let byte = peek(), Lexer.isDigit(byte) { place += 1 }
    }

    private func refuseSuffix(from start: Int) throws(ExpressionProblem) {
        guard let byte = peek(), Lexer.isLetter(byte) else { return }
        if byte | 0x20 == UInt8(ascii: "u") {
            throw problem("unsigned integers are not supported: leave out the u", at: start)
        }
        throw problem("a number ends here, but a letter follows it; put a space or an operator between", at: place)
    }

    private mutating func symbol() throws(ExpressionProblem) -> Token {
        let byte = bytes[place]
        switch (byte, peek(1)) {
        case (UInt8(ascii: "="), UInt8(ascii: "=")?): return take("==")
        case (UInt8(ascii: "!"), UInt8(ascii: "=")?): return take("!=")
        case (UInt8(ascii: "<"), UInt8(ascii: "=")?): return take("<=")
        case (UInt8(ascii: ">"), UInt8(ascii: "=")?): return take(">=")
        case (UInt8(ascii: "&"), UInt8(ascii: "&")?): return take("&&")
        case (UInt8(ascii: "|"), UInt8(ascii: "|")?): return take("||")
        default: break
        }
        if Lexer.symbols.contains(byte) { return take(String(Unicode.Scalar(byte))) }
        let one = String(decoding: bytes[place...].prefix(4), as: UTF8.self).unicodeScalars.first.map(String.init) ?? ""
        switch one {
        case "=": throw problem("'=' is no operator; write '==' to compare", at: place)
        case "&", "|": throw problem("'\(one)' is no operator; write '\(one)\(one)'", at: place)
        default: throw problem("'\(one)' has no meaning here", at: place)
        }
    }

    private static let symbols = Array("<>+-*/%!?:.,()[]{}".utf8)

    private mutating func take(_ symbol: String) -> Token {
        place += symbol.utf8.count
        return .symbol(symbol)
    }
}
