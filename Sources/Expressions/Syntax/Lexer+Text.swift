extension Lexer {
    /// A string literal from its opening quote on; raw ones keep their backslashes.
    mutating func text(isRaw: Bool) throws(ExpressionProblem) -> [UInt8] {
        let start = place
        guard let quote = peek() else { return [] }
        let isTriple = peek(1) == quote && peek(2) == quote
        advance(isTriple ? 3 : 1)
        var value: [UInt8] = []
        while let byte = peek() {
            if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                advance(isTriple ? 3 : 1)
                return value
            }
            if !isTriple, byte == 0x0A || byte == 0x0D {
                throw problem(
                    "this string has no closing quote on its line; use three quotes for several lines", at: start)
            }
            if byte == UInt8(ascii: "\\"), !isRaw {
                try escape(into: &value)
            } else {
                value.append(byte)
                advance()
            }
        }
        throw problem("this string has no closing quote", at: start)
    }

    private mutating func escape(into value: inout [UInt8]) throws(ExpressionProblem) {
        let start = place
        advance()
        guard let letter = peek() else { throw problem("this string has no closing quote", at: start) }
        advance()
        switch letter {
        case UInt8(ascii: "a"): value.append(0x07)
        case UInt8(ascii: "b"): value.append(0x08)
        case UInt8(ascii: "f"): value.append(0x0C)
        case UInt8(ascii: "n"): value.append(0x0A)
        case UInt8(ascii: "r"): value.append(0x0D)
        case UInt8(ascii: "t"): value.append(0x09)
        case UInt8(ascii: "v"): value.append(0x0B)
        case UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
            value.append(letter)
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            try scalar(digits: 2, radix: 16, from: start, into: &value)
        case UInt8(ascii: "u"):
            try scalar(digits: 4, radix: 16, from: start, into: &value)
        case UInt8(ascii: "U"):
            try scalar(digits: 8, radix: 16, from: start, into: &value)
        case UInt8(ascii: "0")...UInt8(ascii: "3"):
            place = start + 1
            try scalar(digits: 3, radix: 8, from: start, into: &value)
        default:
            throw problem(
                "no such escape; write '\\\\' for a backslash, or put an r before the quote of a pattern", at: start)
        }
    }

    /// CEL counts `\x` and octal escapes of a string as code points, not as bytes.
    private mutating func scalar(
        digits count: Int, radix: UInt32, from start: Int, into value: inout [UInt8]
    ) throws(ExpressionProblem) {
        var number: UInt32 = 0
        for _ in 0..<count {
            guard let byte = peek(), let digit = Lexer.digit(byte), digit < radix else {
                throw problem("this escape takes \(count) digits", at: start)
            }
            number = number &* radix &+ digit
            advance()
        }
        guard let scalar = Unicode.Scalar(number) else {
            throw problem("this escape names no Unicode character", at: start)
        }
        value.append(contentsOf: String(scalar).utf8)
    }

    private static func digit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0x30...0x39: UInt32(byte - 0x30)
        case 0x41...0x46: UInt32(byte - 0x41 + 10)
        case 0x61...0x66: UInt32(byte - 0x61 + 10)
        default: nil
        }
    }
}
