import CSimd

/// The bytes of a payload, for the loop that looks at each of them.
///
/// Owner: the caller of `RawSpan.withUnsafeBytes`, inside whose closure a value lives; it never leaves it. Read only.
/// Offsets come from the separator masks, which never have a bit past `count`, and are asserted in debug builds.
@safe
struct FlowLogBytes: ~Copyable {
    let base: UnsafePointer<UInt8>
    let count: Int

    init(_ bytes: UnsafeRawBufferPointer, _ start: UnsafeRawPointer) {
        unsafe base = start.assumingMemoryBound(to: UInt8.self)
        count = bytes.count
    }

    @inline(__always)
    subscript(_ offset: Int) -> UInt8 {
        assert(offset >= 0 && offset < count)
        return unsafe base[offset]
    }

    /// The separators among the 64 bytes from `offset`, with the end of the payload as one more. `offset <= count`.
    @inline(__always)
    func separators(at offset: Int) -> csimd_separators {
        let left = count &- offset
        if left >= 64 { return unsafe csimd_separators64(base + offset) }
        var tail = unsafe csimd_separators_tail(base + offset, left)
        tail.blanks |= 1 &<< UInt64(truncatingIfNeeded: left)
        return tail
    }

    /// The offset of the newline at or after `offset`, or `count`.
    func lineEnd(from offset: Int) -> Int {
        var place = offset
        while place < count {
            var mask = separators(at: place).blanks
            while mask != 0 {
                let candidate = place + mask.trailingZeroBitCount
                if candidate >= count || self[candidate] == 0x0A { return candidate }
                mask &= mask &- 1
            }
            place += 64
        }
        return count
    }

    /// The eight bytes before `end`, the first lowest. `8 <= end <= count`.
    @inline(__always)
    func word(before end: Int) -> UInt64 {
        assert(end >= 8 && end <= count)
        return unsafe UInt64(
            littleEndian: UnsafeRawPointer(base + (end &- 8)).loadUnaligned(as: UInt64.self))
    }
}

extension FlowLogBytes {
    /// The value of the `length` (1 to 8) digits before `end`, and whether they are digits. `8 <= end`.
    ///
    /// All eight bytes take part in the arithmetic, so those before the field are set to '0' first: a borrow from them
    /// would otherwise change a digit of the field.
    @inline(__always)
    private func digits(before end: Int, _ length: Int) -> (value: UInt64, valid: Bool) {
        let keep = UInt64.max &<< UInt64(truncatingIfNeeded: 64 &- 8 &* length)
        let zeros: UInt64 = 0x3030_3030_3030_3030
        let word = (word(before: end) & keep) | (zeros & ~keep)
        var sum = word &- zeros
        // A byte above '9' overflows into its high bit on the left, one below '0' borrows into it on the right.
        let invalid = ((word &+ 0x4646_4646_4646_4646) | sum) & 0x8080_8080_8080_8080
        // Pairs, then fours, then all eight (after Daniel Lemire, "Quickly parsing eight digits", 2018).
        sum = sum &* 10 &+ (sum >> 8)
        let fours = (sum & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
        let ones = ((sum >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
        return (UInt64(UInt32(truncatingIfNeeded: (fours &+ ones) >> 32)), invalid == 0)
    }

    /// The unsigned number that the bytes from `start` to `end` spell: at least one, digits only. `nil` for anything
    /// else; what does not fit 64 bits is `.max`.
    @inline(__always)
    func number(_ start: Int, _ end: Int) -> UInt64? {
        let length = end &- start
        // The first bytes of a payload have no eight bytes before them.
        if length <= 8, end >= 8 {
            let low = digits(before: end, length)
            return low.valid ? low.value : nil
        }
        if length <= 16, start >= 8 {
            let low = digits(before: end, 8)
            let high = digits(before: end &- 8, length &- 8)
            return low.valid && high.valid ? high.value &* 100_000_000 &+ low.value : nil
        }
        return numberByteByByte(start, end)
    }

    @inline(never)
    private func numberByteByByte(_ start: Int, _ end: Int) -> UInt64? {
        var value: UInt64 = 0
        for place in start..<end {
            let digit = self[place] &- 0x30
            guard digit <= 9 else { return nil }
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(digit))
            // Saturates, so that a number of any length is reported as too large and not as no number.
            value = overflow || carry ? .max : sum
        }
        return value
    }
}
