import Text

/// Names among which those near to another are looked for: made once, for a thousand that may be asked for.
struct NearNames: Sendable {
    /// In the order of the alphabet.
    let names: [String]
    private let bytes: [[UInt8]]
    private let letters: [LetterCounts]
    /// By the name in small letters.
    private let folded: [String: [Int]]

    private static let nearMax = 3
    /// Names, and parts of names, of fewer letters are in too many others.
    private static let partLettersMin = 4

    init(_ names: Set<String>) {
        self.names = names.sorted()
        bytes = self.names.map { Array($0.utf8) }
        letters = bytes.map(LetterCounts.init)
        folded = Dictionary(grouping: self.names.indices) { [names = self.names] in names[$0].lowercased() }
    }

    /// The names nearest to `asked`, at most three: the same in other letters' case, a few letters away, or a part of one
    /// another.
    func near(_ asked: String) -> [String] {
        var near = (folded[asked.lowercased()] ?? []).map { names[$0] }.filter { $0 != asked }
        let asked = (name: asked, bytes: Array(asked.utf8), letters: LetterCounts(Array(asked.utf8)))
        let close = names.indices.filter { letters[$0].mayBeNear(asked.letters) }.map { names[$0] }
        if let nearest = EditDistance.nearest(to: asked.name, among: close), !near.contains(nearest) {
            near.append(nearest)
        }
        guard asked.bytes.count >= NearNames.partLettersMin else { return Array(near.prefix(NearNames.nearMax)) }
        for place in names.indices where near.count < NearNames.nearMax {
            guard bytes[place].count >= NearNames.partLettersMin,
                letters[place].mayHold(asked.letters) && NearNames.holds(bytes[place], asked.bytes)
                    || asked.letters.mayHold(letters[place]) && NearNames.holds(asked.bytes, bytes[place])
            else { continue }
            if names[place] != asked.name, !near.contains(names[place]) { near.append(names[place]) }
        }
        return Array(near.prefix(NearNames.nearMax))
    }

    /// Whether one name is a part of another, to the byte.
    private static func holds(_ whole: [UInt8], _ part: [UInt8]) -> Bool {
        guard let first = part.first, part.count <= whole.count else { return false }
        return (0...whole.count - part.count).contains { start in
            whole[start] == first && whole[start...].starts(with: part)
        }
    }
}

/// How often a name has each letter, whatever the case of ASCII letters: what tells most names apart without comparing them.
///
/// Letters share a place with others, and of each place four are told apart, so that names may be taken for nearer than they are, and never
/// for further away.
struct LetterCounts: Sendable {
    private static let places = 32

    /// By place, a bit for each of up to four: of the first and second, and of the third and fourth.
    private var first: UInt64 = 0
    private var more: UInt64 = 0
    private let length: Int

    init(_ name: [UInt8]) {
        length = name.count
        for byte in name {
            let one = UInt64(1) << UInt64(byte & 0x1F)
            let two = one << UInt64(LetterCounts.places)
            if first & one == 0 {
                first |= one
            } else if first & two == 0 {
                first |= two
            } else {
                more |= more & one == 0 ? one : two
            }
        }
    }

    /// Whether the other name may be a part of this one.
    func mayHold(_ part: LetterCounts) -> Bool { part.first & ~first == 0 && part.more & ~more == 0 }

    /// Whether the names may be as near as `EditDistance.nearest` asks at the most.
    func mayBeNear(_ other: LetterCounts) -> Bool {
        // Of longer names only the beginning is looked at.
        if max(length, other.length) > EditDistance.bytesMax { return true }
        // To put another letter in its place changes two counts by one, any other edit fewer.
        return abs(length - other.length) <= EditDistance.limitMax
            && (first ^ other.first).nonzeroBitCount + (more ^ other.more).nonzeroBitCount
                <= 2 * EditDistance.limitMax
    }
}
