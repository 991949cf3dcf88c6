import Statistics

/// Changes inputs in the ways that break parsers: flipped bits, cut and doubled parts, numbers at their limits, pieces of
/// other inputs, and words of the formats in the wrong place.
struct Mutator {
    private var random: SeededGenerator
    private let words: [[UInt8]]

    static let inputBytesMax = 16 * 1024

    init(seed: UInt64, words: [String]) {
        random = SeededGenerator(seed: seed)
        self.words = words.map { Array($0.utf8) } + Mutator.sharp
    }

    /// Byte strings that sit on a limit of some format.
    private static let sharp: [[UInt8]] = [
        [0xFF], [0x00], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xEF, 0xBB, 0xBF],
        [0x1F, 0x8B, 0x08], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
    ]

    mutating func input(from corpus: [[UInt8]]) -> [UInt8] {
        var bytes = random.pick(corpus)
        for _ in 0..<(1 + random.below(6)) { change(&bytes, corpus: corpus) }
        if bytes.count > Mutator.inputBytesMax { bytes.removeLast(bytes.count - Mutator.inputBytesMax) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], corpus: [[UInt8]]) {
        let place = random.below(bytes.count + 1)
        switch random.below(9) {
        case 0 where place < bytes.count:
            bytes[place] ^= 1 << UInt8(random.below(8))
        case 1 where place < bytes.count:
            bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 2:
            bytes.removeSubrange(place..<min(bytes.count, place + 1 + random.below(16)))
        case 3:
            bytes.insert(contentsOf: random.pick(words), at: place)
        case 4:
            let part = bytes[place..<min(bytes.count, place + 1 + random.below(64))]
            bytes.insert(contentsOf: part, at: random.below(bytes.count + 1))
        case 5:
            bytes.removeLast(bytes.count - place)
        case 6:
            let other = random.pick(corpus)
            let start = random.below(other.count + 1)
            bytes.insert(contentsOf: other[start..<min(other.count, start + random.below(256))], at: place)
        case 7:
            let repeated = random.pick(words)
            for _ in 0..<random.below(200) { bytes.insert(contentsOf: repeated, at: place) }
        default:
            bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
        }
    }
}
