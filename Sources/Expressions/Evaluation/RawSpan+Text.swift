import Text

extension RawSpan {
    /// Eight bytes from `place` on, unaligned; bounds are checked.
    @inline(__always)
    private func word(_ place: Int) -> UInt64 {
        unsafe unsafeLoadUnaligned(fromByteOffset: place, as: UInt64.self)
    }

    /// Whether the bytes are those of `other`.
    @inline(__always)
    func isEqual(to other: RawSpan) -> Bool {
        let count = byteCount
        if count != other.byteCount { return false }
        return hasEqualBytes(count, other)
    }

    /// Whether the first `count` bytes of both are the same; both are at least as long.
    @inline(__always)
    private func hasEqualBytes(_ count: Int, _ other: RawSpan) -> Bool {
        var place = 0
        if count >= 8 {
            while place <= count &- 8 {
                if word(place) != other.word(place) { return false }
                place &+= 8
            }
            // The last eight bytes again, rather than up to seven one by one.
            return word(count &- 8) == other.word(count &- 8)
        }
        while place < count {
            if byte(place) != other.byte(place) { return false }
            place &+= 1
        }
        return true
    }

    func hasPrefix(_ prefix: RawSpan) -> Bool {
        prefix.byteCount <= byteCount && hasEqualBytes(prefix.byteCount, prefix)
    }

    func hasSuffix(_ suffix: RawSpan) -> Bool {
        suffix.byteCount <= byteCount
            && extracting((byteCount &- suffix.byteCount)..<byteCount).hasEqualBytes(suffix.byteCount, suffix)
    }

    /// Whether the bytes come before those of `other`, which for UTF-8 is the order of code points.
    func isBefore(_ other: RawSpan) -> Bool {
        let shared = min(byteCount, other.byteCount)
        var place = 0
        while place &+ 8 <= shared {
            let (own, others) = (word(place), other.word(place))
            if own != others { return own.bigEndian < others.bigEndian }
            place &+= 8
        }
        while place < shared {
            if byte(place) != other.byte(place) { return byte(place) < other.byte(place) }
            place &+= 1
        }
        return byteCount < other.byteCount
    }

    /// Unicode scalars of UTF-8 text.
    var scalarCount: Int {
        var count = 0
        for place in 0..<byteCount where byte(place) & 0xC0 != 0x80 { count &+= 1 }
        return count
    }

    /// Whether `needle` occurs anywhere.
    ///
    /// The two-way algorithm (Crochemore and Perrin, 1991): linear in both lengths and no table, so that neither a
    /// hostile event nor a needle taken from the event itself can make it slow.
    func contains(_ needle: RawSpan) -> Bool {
        let length = needle.byteCount
        if length == 0 { return true }
        if length > byteCount { return false }
        let (cut, period) = needle.criticalFactorization()
        let isPeriodic =
            period &+ cut <= length
            && needle.extracting(0..<cut).isEqual(to: needle.extracting(period..<(period &+ cut)))
        let shift = isPeriodic ? period : max(cut, length &- cut) &+ 1
        var start = 0
        // Bytes of the needle's beginning that are known to match, after a shift by its period.
        var known = 0
        while start <= byteCount &- length {
            var place = max(cut, known)
            while place < length, needle.byte(place) == byte(start &+ place) { place &+= 1 }
            if place < length {
                start &+= place &- cut &+ 1
                known = 0
                continue
            }
            place = cut
            while place > known, needle.byte(place &- 1) == byte(start &+ place &- 1) { place &-= 1 }
            if place <= known { return true }
            start &+= shift
            known = isPeriodic ? length &- period : 0
        }
        return false
    }

    /// Where the needle is cut so that the period of the cut is its own, and that period.
    private func criticalFactorization() -> (cut: Int, period: Int) {
        let (forward, forwardPeriod) = maximalSuffix(isReversed: false)
        let (backward, backwardPeriod) = maximalSuffix(isReversed: true)
        return forward > backward ? (forward, forwardPeriod) : (backward, backwardPeriod)
    }

    /// The start of the suffix that sorts last, by bytes' order or its reverse, and that suffix's period.
    private func maximalSuffix(isReversed: Bool) -> (start: Int, period: Int) {
        var start = -1
        var candidate = 0
        var offset = 1
        var period = 1
        while candidate &+ offset < byteCount {
            let left = byte(candidate &+ offset)
            let right = byte(start &+ offset)
            if left == right {
                if offset == period {
                    candidate &+= period
                    offset = 1
                } else {
                    offset &+= 1
                }
            } else if isReversed ? left > right : left < right {
                candidate &+= offset
                offset = 1
                period = candidate &- start
            } else {
                start = candidate
                candidate = start &+ 1
                offset = 1
                period = 1
            }
        }
        return (start &+ 1, period)
    }
}
