/// The spans of one block, packed: for each the source's place in the ledger's table, the first record, and how many
/// come after it, seven bits a byte. About 9 bytes a span, where the values themselves take 40.
struct PackedSpans {
    struct Span: Equatable {
        var place: Int
        var first: Int64
        var last: Int64
    }

    /// In the order in which they were first noted.
    private(set) var spans: [Span] = []
    /// The highest place; -1 where there is none.
    private(set) var placeMax = -1

    /// - Parameter capacity: how many will be noted.
    init(capacity: Int = 0) {
        spans.reserveCapacity(capacity)
    }

    init(_ bytes: ArraySlice<UInt8>) {
        var rest = bytes
        while !rest.isEmpty {
            let place = Int(PackedSpans.take(&rest))
            let first = Int64(bitPattern: PackedSpans.take(&rest))
            spans.append(Span(place: place, first: first, last: first &+ Int64(bitPattern: PackedSpans.take(&rest))))
            placeMax = max(placeMax, place)
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(10 * spans.count)
        for span in spans { PackedSpans.append(span, to: &bytes) }
        return bytes
    }

    /// One span alone, to be put behind others.
    static func bytes(of span: Span) -> [UInt8] {
        var bytes: [UInt8] = []
        append(span, to: &bytes)
        return bytes
    }

    /// Whether anything is new in it.
    mutating func note(_ span: Span) -> Bool {
        // Most come in the order of their places, and need not be looked for.
        guard span.place <= placeMax, let index = spans.firstIndex(where: { $0.place == span.place }) else {
            spans.append(span)
            placeMax = max(placeMax, span.place)
            return true
        }
        let held = spans[index]
        spans[index].first = min(held.first, span.first)
        spans[index].last = max(held.last, span.last)
        return spans[index] != held
    }

    /// Where the last span begins in what `bytes` gave: three numbers before the end, each of which ends with a byte without
    /// the high bit.
    static func startOfLast(in bytes: ArraySlice<UInt8>) -> Int {
        var start = bytes.endIndex
        for _ in 0..<3 where start > bytes.startIndex {
            start -= 1
            while start > bytes.startIndex, bytes[start - 1] >= 0x80 { start -= 1 }
        }
        return start
    }

    private static func append(_ span: Span, to bytes: inout [UInt8]) {
        append(UInt64(span.place), to: &bytes)
        append(UInt64(bitPattern: span.first), to: &bytes)
        append(UInt64(bitPattern: span.last &- span.first), to: &bytes)
    }

    /// Base 128, the lowest seven bits first, the high bit set on all bytes but the last.
    private static func append(_ value: UInt64, to bytes: inout [UInt8]) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func take(_ bytes: inout ArraySlice<UInt8>) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while let byte = bytes.popFirst() {
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { break }
            shift += 7
        }
        return value
    }
}
