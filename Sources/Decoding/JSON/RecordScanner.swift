import CSimd

/// Proves one JSON object valid against RFC 8259, all of it, and notes where its upper levels' keys are.
///
/// The verdict is one-sided: a result is proof, and `nil` leaves it to `JSONReader` to say what is wrong, or to find a
/// record valid that this scanner gives up on (nested deeper than 60). So the two never have to agree on an error.
struct RecordScanner: ~Copyable {
    private(set) var outline = RecordOutline()
    private let outlineDepth: Int
    private let depthMax: Int
    private let level: Int32

    /// One bit for each level, and room for what one block of 64 bytes can add unseen.
    static let depthCeiling = 60

    /// The best instructions that this processor has: 0 for the baseline's.
    static var levelMax: Int32 { csimd_json_level_max() }

    struct Verdict {
        /// Just past the record's closing bracket.
        var end: Int
        /// Whether a backslash is anywhere near: keys may be written with escapes.
        var mayHaveEscapes: Bool
        /// Whether white space is between tokens.
        var hasSpaces: Bool
    }

    /// Keys are noted down to `outlineDepth`, brackets of containers down to one below. `level` is for tests: by default the
    /// processor's best instructions are used.
    init(outlineDepth: Int, nestingMax: Int, level: Int32 = RecordScanner.levelMax) {
        self.outlineDepth = min(outlineDepth, RecordScanner.depthCeiling)
        depthMax = min(max(nestingMax, 1), RecordScanner.depthCeiling)
        self.level = level
    }

    /// Forgets the payload, of which the scanner has read more than it proved: before another one, even at the same place of memory.
    mutating func begin() {
        outline.begin()
    }

    /// Scans the object whose `{` is at `start`. Objects of a payload are scanned in its order.
    mutating func scan(_ payload: RawSpan, from start: Int) -> Verdict? {
        guard
            let (end, flags) = outline.scan(
                payload, from: start, depthMax: depthMax, outlineDepth: outlineDepth, level: level)
        else { return nil }
        if flags & UInt32(CSIMD_JSON_HIGH) != 0, payload.utf8Fault(in: start..<end) != nil { return nil }
        return Verdict(
            end: end, mayHaveEscapes: flags & UInt32(CSIMD_JSON_ESCAPES) != 0,
            hasSpaces: flags & UInt32(CSIMD_JSON_SPACES) != 0)
    }
}
