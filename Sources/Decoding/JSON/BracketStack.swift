/// The kinds of the containers around a place in JSON text, a bit for each: no recursion, no allocation.
struct BracketStack {
    private var kinds = InlineArray<16, UInt64>(repeating: 0)
    private(set) var depth = 0

    /// Whether the innermost container is an object. `false` outside of all containers.
    var isInObject: Bool {
        depth > 0 && kinds[(depth - 1) >> 6] >> UInt64((depth - 1) & 63) & 1 == 1
    }

    /// `depth` must be below `DecodingLimits.nestingCeiling`, 16 × 64.
    mutating func push(object: Bool) {
        let bit = UInt64(1) << UInt64(depth & 63)
        if object { kinds[depth >> 6] |= bit } else { kinds[depth >> 6] &= ~bit }
        depth += 1
    }

    mutating func pop() {
        depth -= 1
    }
}
