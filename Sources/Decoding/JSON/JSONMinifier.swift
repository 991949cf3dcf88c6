import Text

/// Copies JSON text without the white space between its tokens.
public enum JSONMinifier {
    /// Appends the bytes of `text[range]`, which is one valid JSON value, leaving out what means nothing.
    ///
    /// Strings and numbers stay as they are written, but for half of a surrogate pair, which is written as what it is read as:
    /// many a reader refuses it. What is not valid JSON comes out as some text or other, and never traps
    /// as long as `range` lies within the text.
    public static func append(_ text: RawSpan, _ range: Range<Int>, to output: inout [UInt8]) {
        precondition(range.lowerBound >= 0 && range.upperBound <= text.byteCount, "a range outside the text")
        output.reserveCapacity(output.count + range.count)
        var place = range.lowerBound
        let end = range.upperBound
        var isInString = false
        while place < end {
            let byte = text.byte(place)
            place &+= 1
            if isInString {
                output.append(byte)
                if byte == 0x5C, place &+ 5 <= end, text.byte(place) == 0x75, let unit = text.hexadecimal4(place &+ 1),
                    (0xD800..<0xE000).contains(unit), let escape = try? text.escape(at: place &- 1), escape.end <= end
                {
                    if escape.scalar == 0xFFFD {
                        output.append(contentsOf: "ufffd".utf8)
                    } else {
                        for pair in place..<escape.end { output.append(text.byte(pair)) }
                    }
                    place = escape.end
                } else if byte == 0x5C, place < end {
                    output.append(text.byte(place))
                    place &+= 1
                } else if byte == 0x22 {
                    isInString = false
                }
            } else if !JSONByte.isWhiteSpace(byte) {
                output.append(byte)
                isInString = byte == 0x22
            }
        }
    }
}
