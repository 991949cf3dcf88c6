/// Copies JSON text without the white space between its tokens.
public enum JSONMinifier {
    /// Appends the bytes of `text[range]`, which is one valid JSON value, leaving out what means nothing.
    ///
    /// Strings and numbers stay as they are written. What is not valid JSON comes out as some text or other, and never traps
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
                if byte == 0x5C, place < end {
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
