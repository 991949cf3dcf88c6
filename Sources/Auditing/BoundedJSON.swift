import JSON
import TelemetryModel
import Text

/// Appends text of an event to a record: escaped, without white space, and in at most so many bytes.
///
/// What comes out is one valid JSON value in valid UTF-8 whatever comes in, on one line: half a surrogate pair becomes U+FFFD,
/// control and format characters are escaped. What is cut ends with "…". Each function returns whether it cut. Reads no more than it writes,
/// but for the rest of a string; so the time for a long value is linear.
enum BoundedJSON {
    /// "…" in UTF-8.
    private static let ellipsis: [UInt8] = [0xE2, 0x80, 0xA6]
    /// Of one string of a value that does not fit, so that a long one leaves room for others.
    private static let stringBytesOfCutMax = 4096
    /// A longer number is no number that anybody counts with.
    private static let numberBytesMax = 512
    /// Containers inside each other; a decoder takes no more either.
    private static let nestingMax = 128

    /// Appends text as a JSON string.
    static func append(text: RawSpan, max: Int, to bytes: inout [UInt8]) -> Bool {
        let limit = bytes.count + max
        bytes.append(0x22)
        defer { bytes.append(0x22) }
        var place = 0
        while true {
            place = appendPlain(of: text, place, text.byteCount, limit: limit, to: &bytes)
            if place == text.byteCount { return false }
            let byte = text.byte(place)
            if isCut(before: byte, limit: limit, &bytes) { return true }
            if byte >= 0x7F {
                place = appendCharacter(of: text, at: place, to: &bytes)
            } else {
                JSONWriter.append(escaped: byte, to: &bytes)
                place += 1
            }
        }
    }

    /// Appends the JSON string whose token, with its quotes, is at `token`.
    static func append(string text: RawSpan, _ token: Range<Int>, max: Int, to bytes: inout [UInt8]) -> Bool {
        let limit = bytes.count + max
        var place = token.lowerBound + 1
        let end = token.upperBound - 1
        bytes.append(0x22)
        defer { bytes.append(0x22) }
        while true {
            place = appendPlain(of: text, place, end, limit: limit, to: &bytes)
            // Half an escape may have ended behind it.
            if place >= end { return false }
            let byte = text.byte(place)
            if isCut(before: byte, limit: limit, &bytes) { return true }
            if byte == 0x5C {
                place = appendEscape(text, place, end, to: &bytes)
            } else if byte >= 0x7F {
                place = appendCharacter(of: text, at: place, to: &bytes)
            } else {
                if byte < 0x20 { JSONWriter.append(escaped: byte, to: &bytes) } else { bytes.append(byte) }
                place += 1
            }
        }
    }

    /// Appends the JSON value at `range`, its containers closed wherever it is cut.
    static func append(json text: RawSpan, _ range: Range<Int>, max: Int, to bytes: inout [UInt8]) -> Bool {
        let limit = bytes.count + max
        let stringMax = range.count <= max ? max : min(max, stringBytesOfCutMax)
        var place = range.lowerBound
        var closers: [UInt8] = []
        var wasCut = false
        while place < range.upperBound {
            let byte = text.byte(place)
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0D: place += 1
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if closers.count == nestingMax {
                    bytes.append(contentsOf: [0x22] + ellipsis + [0x22])
                    bytes.append(contentsOf: closers.reversed())
                    return true
                }
                bytes.append(byte)
                closers.append(byte == UInt8(ascii: "{") ? UInt8(ascii: "}") : UInt8(ascii: "]"))
                place += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let closer = closers.popLast() else { return wasCut }
                bytes.append(closer)
                place += 1
            case UInt8(ascii: ","):
                if bytes.count >= limit {
                    // The rest is left out: how much, under the name "…", or an element "…".
                    bytes.append(contentsOf: [0x2C, 0x22] + ellipsis + [0x22])
                    if closers.last == UInt8(ascii: "}") {
                        bytes.append(0x3A)
                        bytes.append(contentsOf: String(range.upperBound - place).utf8)
                    }
                    bytes.append(contentsOf: closers.reversed())
                    return true
                }
                bytes.append(byte)
                place += 1
            case UInt8(ascii: ":"):
                bytes.append(byte)
                place += 1
            case UInt8(ascii: "\""):
                let end = text.stringEnd(from: place, in: range)
                let room = Swift.max(64, min(stringMax, limit - bytes.count))
                wasCut = append(string: text, place..<end, max: room, to: &bytes) || wasCut
                place = end
            default:
                let end = text.wordEnd(from: place, in: range)
                if end - place > numberBytesMax {
                    let word = text.extracting(place..<end)
                    wasCut = append(text: word, max: 64, to: &bytes) || wasCut
                } else {
                    for place in place..<end { bytes.append(text.byte(place)) }
                }
                place = end
            }
        }
        return wasCut
    }

    /// Appends a byte from DEL on, or the escape of the active character that begins with it, and returns the place behind.
    private static func appendCharacter(of text: RawSpan, at place: Int, to bytes: inout [UInt8]) -> Int {
        let length = Inert.appendEscape(of: text, at: place, to: &bytes)
        if length == 0 { bytes.append(text.byte(place)) }
        return place + max(1, length)
    }

    /// Appends bytes of ASCII that stand for themselves, as many as follow one another and fit below the limit, and returns where
    /// they end.
    private static func appendPlain(
        of text: RawSpan, _ place: Int, _ end: Int, limit: Int, to bytes: inout [UInt8]
    ) -> Int {
        let last = min(end, place + max(0, limit - bytes.count))
        var next = place
        while next < last, text.byte(next) < 0x7F, JSONWriter.isPlain(text.byte(next)) { next += 1 }
        if next > place {
            unsafe text.extracting(place..<next).withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        }
        return next
    }

    /// Ends the string where the limit is reached, between two characters.
    private static func isCut(before byte: UInt8, limit: Int, _ bytes: inout [UInt8]) -> Bool {
        guard bytes.count >= limit, byte & 0xC0 != 0x80 else { return false }
        bytes.append(contentsOf: ellipsis)
        return true
    }

    /// Appends the escape that begins at `place`, and returns where it ends.
    private static func appendEscape(_ text: RawSpan, _ place: Int, _ end: Int, to bytes: inout [UInt8]) -> Int {
        guard place + 1 < end else { return end }
        guard text.byte(place + 1) == UInt8(ascii: "u") else {
            bytes.append(0x5C)
            bytes.append(text.byte(place + 1))
            return place + 2
        }
        guard let unit = text.codeUnit(place, end) else {
            appendReplacement(to: &bytes)
            return place + 2
        }
        var count = 6
        if unit & 0xF800 == 0xD800 {
            let isPair = unit < 0xDC00 && text.codeUnit(place + 6, end).map { $0 & 0xFC00 == 0xDC00 } ?? false
            guard isPair else {
                appendReplacement(to: &bytes)
                return place + 6
            }
            count = 12
        }
        for place in place..<(place + count) { bytes.append(text.byte(place)) }
        return place + count
    }

    /// U+FFFD in UTF-8.
    private static func appendReplacement(to bytes: inout [UInt8]) {
        bytes.append(contentsOf: [0xEF, 0xBF, 0xBD])
    }
}

extension RawSpan {
    /// Whether there is more at a place than `null` and `""`.
    func isMeaningful(_ place: Range<Int>) -> Bool {
        if place.isEmpty { return false }
        let value = extracting(place)
        return !value.isEqual("null") && !value.isEqual("\"\"")
    }

    /// Where the string ends that begins at `place`; the end of `range` when it has none.
    fileprivate func stringEnd(from place: Int, in range: Range<Int>) -> Int {
        var end = place + 1
        while end < range.upperBound {
            let byte = self.byte(end)
            if byte == 0x22 { return end + 1 }
            end += byte == 0x5C ? 2 : 1
        }
        return range.upperBound
    }

    /// Where the number or the word ends that begins at `place`.
    fileprivate func wordEnd(from place: Int, in range: Range<Int>) -> Int {
        var end = place + 1
        while end < range.upperBound {
            switch byte(end) {
            case 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"):
                return end
            default: end += 1
            }
        }
        return end
    }

    /// The value of an escape `\uXXXX` at `place`; `nil` where there is none.
    fileprivate func codeUnit(_ place: Int, _ end: Int) -> UInt32? {
        guard place + 6 <= end, byte(place) == 0x5C, byte(place + 1) == UInt8(ascii: "u") else { return nil }
        var value: UInt32 = 0
        for offset in 2..<6 {
            let digit: UInt8
            switch byte(place + offset) {
            case let byte where (0x30...0x39).contains(byte): digit = byte - 0x30
            case let byte where (0x41...0x46).contains(byte): digit = byte - 0x37
            case let byte where (0x61...0x66).contains(byte): digit = byte - 0x57
            default: return nil
            }
            value = value << 4 | UInt32(digit)
        }
        return value
    }
}
