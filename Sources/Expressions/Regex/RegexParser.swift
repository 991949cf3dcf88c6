/// Parses RE2's syntax, less what a filter has no use for: named Unicode classes.
///
/// Captures and lazy quantifiers are read and have no effect. Source: RE2 wiki, "Syntax".
struct RegexParser {
    static let nestingMax = 50
    /// As RE2: a counted repetition of at most this.
    static let repetitionsMax = 1000
    static let patternBytesMax = 8192

    struct Flags {
        var ignoresCase = false
        var isMultiline = false
        var dotMatchesNewline = false
        var swapsGreed = false
    }

    let scalars: [Unicode.Scalar]
    /// Byte offset of each scalar, for messages.
    private let offsets: [Int]
    var place = 0
    var flags = Flags()
    private var nesting = 0

    private init(_ pattern: String) {
        scalars = Array(pattern.unicodeScalars)
        var offset = 0
        var offsets: [Int] = []
        offsets.reserveCapacity(scalars.count + 1)
        for scalar in scalars {
            offsets.append(offset)
            offset += UTF8.width(scalar)
        }
        offsets.append(offset)
        self.offsets = offsets
    }

    static func parse(_ pattern: String) throws(RegexProblem) -> RegexSyntax {
        guard pattern.utf8.count <= patternBytesMax else {
            throw RegexProblem(message: "a pattern has at most \(patternBytesMax) bytes", offset: 0)
        }
        var parser = RegexParser(pattern)
        let syntax = try parser.choice()
        if parser.peek() != nil { throw parser.problem("this ')' closes nothing; write '\\)' for the character") }
        return syntax
    }

    func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        place + ahead < scalars.count ? scalars[place + ahead] : nil
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek() == scalar else { return false }
        place += 1
        return true
    }

    func problem(_ message: String, at scalar: Int? = nil) -> RegexProblem {
        RegexProblem(message: message, offset: offsets[min(scalar ?? place, offsets.count - 1)])
    }

    private mutating func choice() throws(RegexProblem) -> RegexSyntax {
        nesting += 1
        defer { nesting -= 1 }
        if nesting > RegexParser.nestingMax {
            throw problem("groups are nested deeper than \(RegexParser.nestingMax) levels")
        }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .choice(branches)
    }

    private mutating func sequence() throws(RegexProblem) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let scalar = peek(), scalar != "|", scalar != ")" {
            let start = place
            guard let atom = try atom() else { continue }
            parts.append(try quantified(atom, from: start))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func quantified(_ atom: RegexSyntax, from start: Int) throws(RegexProblem) -> RegexSyntax {
        guard let (min, max) = try quantifier() else { return atom }
        _ = take("?")
        if let next = peek(), "*+?".unicodeScalars.contains(next) {
            throw problem("one quantifier follows another; put the first into a group")
        }
        return .repeated(atom, min: min, max: max)
    }

    private mutating func quantifier() throws(RegexProblem) -> (min: Int, max: Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard peek() == "{" else { return nil }
        let start = place
        place += 1
        // As in RE2, braces that hold no count are characters.
        guard let low = number() else {
            place = start
            return nil
        }
        var high: Int? = low
        if take(",") { high = peek() == "}" ? nil : number() ?? -1 }
        guard take("}"), high != -1 else {
            place = start
            return nil
        }
        if low > RegexParser.repetitionsMax || high ?? 0 > RegexParser.repetitionsMax {
            throw problem("a repetition counts to at most \(RegexParser.repetitionsMax)", at: start)
        }
        if let high, high < low { throw problem("this repetition's minimum is above its maximum", at: start) }
        return (low, high)
    }

    private mutating func number() -> Int? {
        let start = place
        var value = 0
        while let scalar = peek(), ("0"..."9").contains(scalar), place - start < 6 {
            value = value * 10 + Int(scalar.value - 0x30)
            place += 1
        }
        return place == start ? nil : value
    }

    /// `nil` for what only sets flags.
    private mutating func atom() throws(RegexProblem) -> RegexSyntax? {
        let start = place
        guard let scalar = peek() else { return nil }
        place += 1
        switch scalar {
        case "(": return try group(from: start)
        case "[": return .set(try characterClass(from: start))
        case ".": return .set(flags.dotMatchesNewline ? .all : .notNewline)
        case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
        case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
        case "\\": return try escape(from: start)
        case "*", "+", "?":
            throw problem("'\(scalar)' has nothing to repeat; write '\\\(scalar)' for the character", at: start)
        case "{":
            place = start
            if try quantifier() != nil { throw problem("this repetition has nothing to repeat", at: start) }
            place = start + 1
            return literal(scalar)
        default:
            return literal(scalar)
        }
    }

    func literal(_ scalar: Unicode.Scalar) -> RegexSyntax {
        let set = CodePointSet([scalar.value...scalar.value])
        return .set(flags.ignoresCase ? set.foldingCase : set)
    }

    private mutating func group(from start: Int) throws(RegexProblem) -> RegexSyntax? {
        let outer = flags
        if take("?") {
            if peek() == "=" || peek() == "!" || (peek() == "<" && (peek(1) == "=" || peek(1) == "!")) {
                throw problem("look-around is not supported: it can't be matched in linear time", at: start)
            }
            if take("P") || peek() == "<" {
                guard take("<") else { throw problem("'(?P' takes a name in '<>'", at: start) }
                while let scalar = peek(), scalar != ">" {
                    guard scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "_" else { break }
                    place += 1
                }
                guard take(">") else { throw problem("this group's name has no closing '>'", at: start) }
            } else {
                try setFlags(from: start)
                // Without a ':' the flags hold for the rest of the group around.
                if take(")") { return nil }
                guard take(":") else { throw problem("these flags have no closing ')'", at: start) }
            }
        }
        let inner = try choice()
        guard take(")") else { throw problem("this '(' is never closed", at: start) }
        flags = outer
        return inner
    }

    private mutating func setFlags(from start: Int) throws(RegexProblem) {
        var isOn = true
        while let scalar = peek(), scalar != ":", scalar != ")" {
            switch scalar {
            case "i": flags.ignoresCase = isOn
            case "m": flags.isMultiline = isOn
            case "s": flags.dotMatchesNewline = isOn
            case "U": flags.swapsGreed = isOn
            case "-" where isOn: isOn = false
            default: throw problem("'\(scalar)' is no flag; there are i, m, s and U", at: start)
            }
            place += 1
        }
    }
}
