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
        precondition(place >= 0 && place < places, "a place for each value in use")
        if storage == nil { storage = RawStorage(byteCount: places * ShortenedValues.bytesMax) }
        guard let base = unsafe storage?.base else { return .absent }
        count &+= 1
        var hash = SHA256()
        unsafe hash.update(bufferPointer: bytes)
        let digits = hash.finalize().prefix(16).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        let mark = "…(\(bytes.count) bytes, sha256 \(digits.joined()))"
        let head = unsafe ShortText.boundary(of: bytes, before: ShortenedValues.headBytesMax)
        let text = unsafe Array(bytes.prefix(head)) + Array(mark.utf8)
        let target = unsafe base + place * ShortenedValues.bytesMax
        unsafe text.withUnsafeBytes {
            unsafe target.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(target), byteCount: text.count)
        }
        return unsafe KeyColumn(bytes: UnsafeRawPointer(target), count: text.count)
    }
}
