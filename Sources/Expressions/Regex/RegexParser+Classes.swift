extension RegexParser {
    /// What a backslash begins, outside of brackets.
    mutating func escape(from start: Int) throws(RegexProblem) -> RegexSyntax {
        guard let letter = peek() else { throw problem("a pattern can't end in a backslash", at: start) }
        switch letter {
        case "A":
            place += 1
            return .assertion(.textStart)
        case "z":
            place += 1
            return .assertion(.textEnd)
        case "b":
            place += 1
            return .assertion(.wordBoundary)
        case "B":
            place += 1
            return .assertion(.notWordBoundary)
        case "Q":
            place += 1
            return quotedLiteral()
        case "1"..."9":
            throw problem("back-references are not supported: they can't be matched in linear time", at: start)
        default:
            if let set = try classEscape(from: start) { return .set(set) }
            return literal(try characterEscape(from: start))
        }
    }

    /// `\Q…\E`: everything between represents itself.
    private mutating func quotedLiteral() -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let scalar = peek() {
            if scalar == "\\", peek(1) == "E" {
                place += 2
                break
            }
            parts.append(literal(scalar))
            place += 1
        }
        return .sequence(parts)
    }

    /// `\d`, `\w`, `\s` and their opposites, with `place` behind the backslash.
    private mutating func classEscape(from start: Int) throws(RegexProblem) -> CodePointSet? {
        let set: CodePointSet
        switch peek() {
        case "d": set = .digit
        case "D": set = CodePointSet.digit.inverted
        case "w": set = .word
        case "W": set = CodePointSet.word.inverted
        case "s": set = .space
        case "S": set = CodePointSet.space.inverted
        case "p", "P":
            throw problem("Unicode classes are not supported; list the ranges in brackets", at: start)
        case "C":
            throw problem("'\\C' is not supported: it would cut characters apart", at: start)
        default: return nil
        }
        place += 1
        return set
    }

    private mutating func characterEscape(from start: Int) throws(RegexProblem) -> Unicode.Scalar {
        guard let letter = peek() else { throw problem("a pattern can't end in a backslash", at: start) }
        place += 1
        switch letter {
        case "a": return "\u{07}"
        case "f": return "\u{0C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{0B}"
        case "0"..."7": return octal(from: letter)
        case "x": return try hexadecimal(from: start)
        default:
            let isWord = letter.isASCII && (Character(letter).isLetter || Character(letter).isNumber)
            if isWord || !letter.isASCII {
                throw problem("'\\\(letter)' is no escape; leave out the backslash for the character", at: start)
            }
            return letter
        }
    }

    private mutating func octal(from first: Unicode.Scalar) -> Unicode.Scalar {
        var value = first.value - 0x30
        for _ in 0..<2 {
            guard let digit = peek(), ("0"..."7").contains(digit) else { break }
            value = value * 8 + digit.value - 0x30
            place += 1
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }

    private mutating func hexadecimal(from start: Int) throws(RegexProblem) -> Unicode.Scalar {
        let isBraced = take("{")
        var value: UInt32 = 0
        var digits = 0
        while let scalar = peek(), digits < (isBraced ? 6 : 2), let digit = Character(scalar).hexDigitValue {
            value = value * 16 + UInt32(digit)
            digits += 1
            place += 1
        }
        let isComplete = isBraced ? digits > 0 && take("}") : digits == 2
        guard isComplete, let scalar = Unicode.Scalar(value) else {
            throw problem("this escape takes two hexadecimal digits, or up to six in braces", at: start)
        }
        return scalar
    }

    /// A class in brackets, with `place` behind the opening one.
    mutating func characterClass(from start: Int) throws(RegexProblem) -> CodePointSet {
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var isFirst = true
        while let scalar = peek(), scalar != "]" || isFirst {
            isFirst = false
            if scalar == "[", peek(1) == ":" {
                ranges += try namedClass(from: place).ranges
                continue
            }
            if scalar == "\\" {
                place += 1
                if let set = try classEscape(from: place - 1) {
                    ranges += set.ranges
                    continue
                }
                place -= 1
            }
            let itemStart = place
            let low = try classCharacter()
            var high = low
            if peek() == "-", let after = peek(1), after != "]" {
                place += 1
                high = try classCharacter()
            }
            guard low <= high else { throw problem("this range is upside down", at: itemStart) }
            ranges.append(low.value...high.value)
        }
        guard take("]") else { throw problem("this '[' is never closed", at: start) }
        var set = CodePointSet(ranges)
        if flags.ignoresCase { set = set.foldingCase }
        return isInverted ? set.inverted : set
    }

    private mutating func classCharacter() throws(RegexProblem) -> Unicode.Scalar {
        let start = place
        guard let scalar = peek() else { throw problem("this '[' is never closed", at: start) }
        place += 1
        return scalar == "\\" ? try characterEscape(from: start) : scalar
    }

    private mutating func namedClass(from start: Int) throws(RegexProblem) -> CodePointSet {
        place += 2
        let isInverted = take("^")
        var name = ""
        while let scalar = peek(), scalar != ":", name.count < 8 {
            name.unicodeScalars.append(scalar)
            place += 1
        }
        guard take(":"), take("]"), let set = RegexParser.namedClasses[name] else {
            throw problem("there is no class '[:\(name):]'", at: start)
        }
        return isInverted ? set.inverted : set
    }

    private static let namedClasses: [String: CodePointSet] = [
        "alnum": CodePointSet([0x30...0x39, 0x41...0x5A, 0x61...0x7A]),
        "alpha": CodePointSet([0x41...0x5A, 0x61...0x7A]),
        "ascii": CodePointSet([0...0x7F]),
        "blank": CodePointSet([0x09...0x09, 0x20...0x20]),
        "cntrl": CodePointSet([0...0x1F, 0x7F...0x7F]),
        "digit": .digit,
        "graph": CodePointSet([0x21...0x7E]),
        "lower": CodePointSet([0x61...0x7A]),
        "print": CodePointSet([0x20...0x7E]),
        "punct": CodePointSet([0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E]),
        "space": CodePointSet([0x09...0x0D, 0x20...0x20]),
        "upper": CodePointSet([0x41...0x5A]),
        "word": .word,
        "xdigit": CodePointSet([0x30...0x39, 0x41...0x46, 0x61...0x66]),
    ]
}
