#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory that grows in place where the system can: the ground under the tables of keys and cells.
///
/// A growing Swift array holds the old and the new elements at once. `realloc` moves pages instead, so a table of a
/// million keys peaks at its own size, and pages never touched cost nothing.
///
/// Owner: the value that holds it, which frees it. Exclusivity: only that owner's mutating methods write. Lifetime: no
/// address is kept over a call that may grow.
@safe
struct RawStorage: ~Copyable {
    private(set) var base: UnsafeMutableRawPointer
    private(set) var byteCount: Int

    /// Zeroed memory.
    init(byteCount: Int) {
        let size = max(byteCount, 16)
        guard let memory = unsafe calloc(1, size) else { fatalError("no memory for \(size) bytes") }
        unsafe base = memory
        self.byteCount = size
    }

    deinit {
        unsafe free(base)
    }

    /// Makes room for at least `needed` bytes, at least doubling. What is new is not zeroed.
    mutating func grow(toHold needed: Int) {
        if needed <= byteCount { return }
        let size = max(needed, byteCount * 2)
        guard let memory = unsafe realloc(base, size) else { fatalError("no memory for \(size) bytes") }
        unsafe base = memory
        byteCount = size
    }
}

/// Compares bytes as `memcmp` does: by value, the first difference deciding.
@unsafe
func compareBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Int32 {
    unsafe memcmp(left, right, count)
}

/// Whether two ranges of bytes are equal: eight at a time, the last eight overlapping.
@unsafe @inline(__always)
func equalBytes(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int) -> Bool {
    if count >= 8 {
        var place = 0
        let last = count &- 8
        while place < last {
            if unsafe left.loadUnaligned(fromByteOffset: place, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            {
                return false
            }
            place &+= 8
        }
        return unsafe left.loadUnaligned(fromByteOffset: last, as: UInt64.self)
            == right.loadUnaligned(fromByteOffset: last, as: UInt64.self)
    }
    if count >= 4 {
        let last = count &- 4
        return unsafe left.loadUnaligned(as: UInt32.self) == right.loadUnaligned(as: UInt32.self)
            && left.loadUnaligned(fromByteOffset: last, as: UInt32.self)
                == right.loadUnaligned(fromByteOffset: last, as: UInt32.self)
    }
    for place in 0..<count {
        if unsafe left.load(fromByteOffset: place, as: UInt8.self)
            != right.load(fromByteOffset: place, as: UInt8.self)
        {
            return false
        }
    }
    return true
}
