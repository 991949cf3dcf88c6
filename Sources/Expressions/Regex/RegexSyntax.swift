/// A parsed regular expression: only what decides whether a text matches, since nothing is captured or replaced.
indirect enum RegexSyntax {
    case empty
    /// One code point out of sorted, disjoint ranges.
    case set(CodePointSet)
    case sequence([RegexSyntax])
    case choice([RegexSyntax])
    /// `max == nil` has no upper bound. Greedy and lazy are one: whether there is a match does not depend on it.
    case repeated(RegexSyntax, min: Int, max: Int?)
    case assertion(RegexAssertion)
}

/// A condition on the place between two bytes.
enum RegexAssertion: UInt8 {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case notWordBoundary
}

/// Code points as ranges.
struct CodePointSet: Equatable {
    static let last: UInt32 = 0x10_FFFF
    private(set) var ranges: [ClosedRange<UInt32>]

    /// Sorts and joins.
    init(_ unsorted: [ClosedRange<UInt32>]) {
        if unsorted.count < 2 {
            ranges = unsorted
            return
        }
        ranges = []
        for range in unsorted.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let tail = ranges.last, range.lowerBound <= tail.upperBound &+ 1 {
                ranges[ranges.count - 1] = tail.lowerBound...max(tail.upperBound, range.upperBound)
            } else {
                ranges.append(range)
            }
        }
    }

    var inverted: CodePointSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...(range.lowerBound - 1)) }
            next = range.upperBound + 1
        }
        if next <= CodePointSet.last { gaps.append(next...CodePointSet.last) }
        return CodePointSet(gaps)
    }

    static let all = CodePointSet([0...last])
    static let notNewline = CodePointSet([0x0A...0x0A]).inverted
    static let digit = CodePointSet([0x30...0x39])
    static let word = CodePointSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
    static let space = CodePointSet([0x09...0x0A, 0x0C...0x0D, 0x20...0x20])

    /// The set with the other case of each letter: all of ASCII and the Latin, Greek and Cyrillic blocks, so that one
    /// set is not compared with a million code points.
    var foldingCase: CodePointSet {
        var folded = ranges
        for range in ranges where range.lowerBound < CodePointSet.foldedEnd {
            for point in range.lowerBound...min(range.upperBound, CodePointSet.foldedEnd - 1) {
                for other in CodePointSet.otherCases(of: point) { folded.append(other...other) }
            }
        }
        for (sign, letters) in CodePointSet.letterlikeSigns where ranges.contains(where: { $0.contains(sign) }) {
            for letter in letters { folded.append(letter...letter) }
        }
        return CodePointSet(folded)
    }

    private static let foldedEnd: UInt32 = 0x590
    /// Kelvin, Ångström and Ohm sign, which fold to letters.
    private static let letterlikeSigns: [(UInt32, [UInt32])] = [
        (0x212A, [0x4B, 0x6B]), (0x212B, [0xC5, 0xE5]), (0x2126, [0x3A9, 0x3C9]),
    ]

    private static func otherCases(of point: UInt32) -> [UInt32] {
        guard let scalar = Unicode.Scalar(point) else { return [] }
        var others: [UInt32] = []
        for mapping in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
            let scalars = mapping.unicodeScalars
            if scalars.count == 1, let other = scalars.first, other != scalar { others.append(other.value) }
        }
        for (sign, letters) in letterlikeSigns where letters.contains(point) { others.append(sign) }
        // The long s has 'S' as its upper case, so 's' must know it.
        if point == 0x53 || point == 0x73 { others.append(0x17F) }
        if point == 0x17F { others.append(0x73) }
        return others
    }
}

/// Why a pattern was refused.
struct RegexProblem: Error {
    var message: String
    /// In bytes of the pattern.
    var offset: Int
}
