/// A string in JSON text, by its place: the bytes between the quotes, not unescaped.
public struct JSONString: Equatable, Sendable {
    public let contents: Range<Int>
    /// Whether `contents` holds a backslash, so that its bytes are not yet the text meant.
    public let hasEscapes: Bool

    public init(contents: Range<Int>, hasEscapes: Bool) {
        self.contents = contents
        self.hasEscapes = hasEscapes
    }
}

extension UInt8 {
    /// Calls `body` with the UTF-8 of a Unicode scalar.
    @inline(__always)
    static func forEachOfUTF8(_ scalar: UInt32, _ body: (UInt8) -> Void) {
        switch scalar {
        case 0..<0x80:
            body(UInt8(scalar))
        case 0x80..<0x800:
            body(0xC0 | UInt8(scalar >> 6))
            body(0x80 | UInt8(scalar & 0x3F))
        case 0x800..<0x10000:
            body(0xE0 | UInt8(scalar >> 12))
            body(0x80 | UInt8(scalar >> 6 & 0x3F))
            body(0x80 | UInt8(scalar & 0x3F))
        default:
            body(0xF0 | UInt8(scalar >> 18 & 0x07))
            body(0x80 | UInt8(scalar >> 12 & 0x3F))
            body(0x80 | UInt8(scalar >> 6 & 0x3F))
            body(0x80 | UInt8(scalar & 0x3F))
        }
    }
}
