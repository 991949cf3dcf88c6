import Crypto
import TelemetryModel
import Text

/// Long values of groups and of distinct sets, kept as their beginnings: whatever a record holds, a group fits into the records
/// that name it, and a million long user agents into memory.
///
/// A value above `bytesMax` is its first `headBytesMax` bytes, cut between characters, and behind them `…`, its length and the
/// first half of its SHA-256: `Mozilla/5.0 …(1200000 bytes, sha256 0123…cdef)`. So long values that differ stay different, and
/// nobody can prepare two that don't.
///
/// Owner: one engine, on its thread. The memory is made with the first long value.
@safe
final class ShortenedValues {
    static let bytesMax = 1024
    static let headBytesMax = 928

    /// A value that resembles `(other)` gets two bytes more.
    private static let placeBytes = bytesMax + 2

    private let places: Int
    private var storage: RawStorage?
    private var count: UInt64 = 0

    /// - Parameter places: how many values are in use at a time.
    init(places: Int) {
        self.places = places
    }

    /// How many values were shortened since the last call.
    func takeCount() -> UInt64 {
        defer { count = 0 }
        return count
    }

    /// The short form of a value of more than `bytesMax` bytes, valid until the place is used again.
    @unsafe @inline(never)
    func shorten(_ bytes: UnsafeRawBufferPointer, place: Int) -> KeyColumn {
        count &+= 1
        var hash = SHA256()
        unsafe hash.update(bufferPointer: bytes)
        let digits = Hexadecimal.text(hash.finalize().prefix(16))
        let mark = "…(\(bytes.count) bytes, sha256 \(digits))"
        let head = unsafe ShortText.boundary(of: bytes, before: ShortenedValues.headBytesMax)
        let text = unsafe Array(bytes.prefix(head)) + Array(mark.utf8)
        let target = unsafe target(place)
        unsafe text.withUnsafeBytes {
            unsafe target.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(target), byteCount: text.count)
        }
        return unsafe KeyColumn(bytes: UnsafeRawPointer(target), count: text.count)
    }

    /// A value of at most `bytesMax` bytes with a pair of parentheses around it, valid until the place is used again.
    @unsafe @inline(never)
    func parenthesise(_ bytes: UnsafeRawBufferPointer, place: Int) -> KeyColumn {
        let target = unsafe target(place)
        unsafe target.storeBytes(of: UInt8(ascii: "("), as: UInt8.self)
        unsafe (target + 1).copyMemory(from: bytes.baseAddress ?? UnsafeRawPointer(target), byteCount: bytes.count)
        unsafe target.storeBytes(of: UInt8(ascii: ")"), toByteOffset: bytes.count + 1, as: UInt8.self)
        return unsafe KeyColumn(bytes: UnsafeRawPointer(target), count: bytes.count + 2)
    }

    @unsafe
    private func target(_ place: Int) -> UnsafeMutableRawPointer {
        precondition(place >= 0 && place < places, "a place for each value in use")
        if let base = unsafe storage?.base { return unsafe base + place * ShortenedValues.placeBytes }
        let made = RawStorage(byteCount: places * ShortenedValues.placeBytes)
        let base = unsafe made.base
        storage = consume made
        return unsafe base + place * ShortenedValues.placeBytes
    }
}
