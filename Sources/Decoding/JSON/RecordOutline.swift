import CSimd

/// Where the keys of a record's upper levels are, and the brackets around them: what is left of a record once its
/// grammar is checked, and all that projecting it needs.
///
/// The buffers are reused, and grow to what the largest record needs: at most one key for every four bytes of a record.
@safe
struct RecordOutline: ~Copyable {
    private(set) var keyCount = 0
    private(set) var bracketCount = 0
    private var capacity = 1024
    // Owner: this value alone, freed in `deinit`. Exclusivity: written by `begin` and `scan` alone, which are `mutating`, through
    // `csimd_json_scan`, which keeps to `capacity`. No pointer outlives that call.
    private let index: UnsafeMutablePointer<csimd_json_index>
    private var keys: UnsafeMutablePointer<UInt32>
    private var brackets: UnsafeMutablePointer<csimd_json_bracket>

    init() {
        unsafe index = UnsafeMutablePointer<csimd_json_index>.allocate(capacity: 1)
        unsafe index.initialize(to: csimd_json_index())
        unsafe keys = UnsafeMutablePointer<UInt32>.allocate(capacity: 1024)
        unsafe brackets = UnsafeMutablePointer<csimd_json_bracket>.allocate(capacity: 1024)
    }

    deinit {
        unsafe index.deallocate()
        unsafe keys.deallocate()
        unsafe brackets.deallocate()
    }

    /// The offset of a key's opening quote, in the payload.
    @inline(__always)
    func key(_ index: Int) -> Int {
        precondition(index >= 0 && index < keyCount, "a key outside the outline")
        return Int(unsafe keys[index])
    }

    @inline(__always)
    func bracket(_ index: Int) -> (offset: Int, isClose: Bool) {
        precondition(index >= 0 && index < bracketCount, "a bracket outside the outline")
        let bracket = unsafe brackets[index]
        return (Int(bracket.offset), bracket.is_close != 0)
    }

    /// Forgets the payload: the next scan may be of another.
    mutating func begin() {
        unsafe csimd_json_forget(index)
    }

    /// Scans the object at `start`, which comes after those that were scanned since `begin`, of the same payload. Returns its end and
    /// `CSIMD_JSON_…` flags, or `nil` when it is not proven valid.
    mutating func scan(
        _ payload: RawSpan, from start: Int, depthMax: Int, outlineDepth: Int, level: Int32
    ) -> (end: Int, flags: UInt32)? {
        precondition(start >= 0 && start <= payload.byteCount, "a place outside the text")
        precondition(payload.byteCount <= UInt32.max, "offsets are 32 bits wide")
        while true {
            var outline = unsafe csimd_json_outline(
                keys: keys, brackets: brackets, capacity: capacity, depth_max: UInt32(depthMax),
                outline_depth: UInt32(outlineDepth), key_count: 0, bracket_count: 0, end: 0, flags: 0)
            let outcome = unsafe payload.withUnsafeBytes { bytes in
                // `baseAddress` is nil only for an empty span, of which the scanner reads nothing.
                guard let base = bytes.baseAddress else { return CSIMD_JSON_UNPROVEN }
                return unsafe csimd_json_scan(
                    base.assumingMemoryBound(to: UInt8.self), bytes.count, start, level, index, &outline)
            }
            switch outcome {
            case CSIMD_JSON_PROVEN:
                keyCount = unsafe outline.key_count
                bracketCount = unsafe outline.bracket_count
                return unsafe (outline.end, outline.flags)
            case CSIMD_JSON_FULL: grow()
            default: return nil
            }
        }
    }

    private mutating func grow() {
        unsafe keys.deallocate()
        unsafe brackets.deallocate()
        capacity *= 2
        unsafe keys = UnsafeMutablePointer<UInt32>.allocate(capacity: capacity)
        unsafe brackets = UnsafeMutablePointer<csimd_json_bracket>.allocate(capacity: capacity)
    }
}
