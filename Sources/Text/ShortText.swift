/// Text from outside, cut to a length in bytes, with a mark where something is left out.
public enum ShortText {
    private static let mark = "…"

    /// The text itself where it has at most `bytesMax` bytes of UTF-8, which is at least 16; else its beginning, cut between
    /// characters, and the mark: no more than that together. Allocates only when it cuts.
    public static func cut(_ text: String, bytesMax: Int) -> String {
        if text.utf8.count <= bytesMax { return text }
        // The byte behind the beginning tells whether a character is cut.
        let bytes = Array(text.utf8.prefix(bytesMax))
        let end = boundary(of: bytes, before: bytesMax - mark.utf8.count)
        return String(decoding: bytes[..<end], as: UTF8.self) + mark
    }

    /// The largest offset up to `limit` at which no character of UTF-8 is cut. Bytes that are not UTF-8 are cut anywhere.
    public static func boundary(of bytes: some RandomAccessCollection<UInt8>, before limit: Int) -> Int {
        let limit = max(0, min(limit, bytes.count))
        func continues(_ offset: Int) -> Bool {
            offset < bytes.count && bytes[bytes.index(bytes.startIndex, offsetBy: offset)] & 0xC0 == 0x80
        }
        var end = limit
        // A character has at most three bytes behind its first.
        while end > max(0, limit - 3), continues(end) { end -= 1 }
        return continues(end) ? limit : end
    }
}
