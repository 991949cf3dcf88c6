import TelemetryModel

/// Tells series apart: a keyed hash of 128 bits over all that identifies one. Parts may be added in any order, as labels and
/// attributes have none.
///
/// The hash is keyed anew in each process (`Hasher`), so that nobody can make two series collide on purpose; by chance it takes
/// 2^64 of them. Nothing that comes out depends on its value.
struct SeriesKey: Hashable, Sendable {
    /// What a part says, so that equal bytes of different parts differ.
    enum Part: UInt8 {
        case resource, scope, metric, unit, attribute, label, start
    }

    private var high: UInt64 = 0
    private var low: UInt64 = 0

    init() {}

    /// A key of one part.
    init(_ part: Part, _ range: Range<Int>, of bytes: RawSpan) {
        add(part, range, of: bytes)
    }

    mutating func add(_ other: SeriesKey) {
        high &+= other.high
        low &+= other.low
    }

    mutating func add(_ part: Part, _ range: Range<Int>, of bytes: RawSpan) {
        unsafe bytes.extracting(range).withUnsafeBytes { unsafe add(part, value: 0, $0) }
    }

    /// Adds a label: its name and its value, separated by the length of the name.
    mutating func add(label name: Range<Int>, _ value: Range<Int>, of bytes: RawSpan) {
        var own = SeriesKey(.label, name, of: bytes)
        own.add(.attribute, value, of: bytes)
        // The sum of the two would be the same for a name and a value that were swapped between two labels.
        unsafe withUnsafeBytes(of: own) { unsafe add(.label, value: 1, $0) }
    }

    mutating func add(_ part: Part, _ value: UInt64) {
        unsafe add(part, value: value, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    @unsafe
    private mutating func add(_ part: Part, value: UInt64, _ bytes: UnsafeRawBufferPointer) {
        high &+= unsafe SeriesKey.hash(0, part, value, bytes)
        low &+= unsafe SeriesKey.hash(1, part, value, bytes)
    }

    @unsafe
    private static func hash(_ half: UInt8, _ part: Part, _ value: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(half)
        hasher.combine(part.rawValue)
        hasher.combine(value)
        hasher.combine(bytes.count)
        unsafe hasher.combine(bytes: bytes)
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}
