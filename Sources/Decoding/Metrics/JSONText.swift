import JSON
import TelemetryModel
import Text

/// Pieces of JSON text, appended to bytes without an allocation of their own.
enum JSONText {
    /// Appends a JSON string with its quotes. The bytes are UTF-8.
    static func append(string range: Range<Int>, of bytes: RawSpan, to text: inout [UInt8]) {
        text.append(0x22)
        for place in range { append(unescaped: bytes.byte(place), to: &text) }
        text.append(0x22)
    }

    /// Appends text as a JSON string with its quotes.
    static func append(string value: [UInt8], to text: inout [UInt8]) {
        text.append(0x22)
        for byte in value { append(unescaped: byte, to: &text) }
        text.append(0x22)
    }

    @inline(__always)
    private static func append(unescaped byte: UInt8, to text: inout [UInt8]) {
        if byte >= 0x20, byte != 0x22, byte != 0x5C {
            text.append(byte)
        } else {
            JSONWriter.append(escaped: byte, to: &text)
        }
    }

    /// Appends the shortest text that reads back as the same double. It is a JSON number when the value is finite, and else
    /// one of the words of protobuf's JSON mapping.
    static func append(double value: Double, to text: inout [UInt8]) {
        if value.isFinite {
            text.append(contentsOf: "\(value)".utf8)
        } else if value.isNaN {
            text.append(contentsOf: "NaN".utf8)
        } else {
            text.append(contentsOf: (value < 0 ? "-Infinity" : "Infinity").utf8)
        }
    }

    static func append(integer value: Int64, to text: inout [UInt8]) {
        text.append(contentsOf: String(value).utf8)
    }

    /// Appends bytes in base64 with padding (RFC 4648, section 4), without quotes.
    static func append(base64 range: Range<Int>, of bytes: RawSpan, to text: inout [UInt8]) {
        var place = range.lowerBound
        while place < range.upperBound {
            let count = min(3, range.upperBound &- place)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes.byte(place &+ index)) : 0)
            }
            for index in 0..<4 {
                let digit = UInt8(truncatingIfNeeded: group >> UInt32(18 - 6 * index)) & 63
                text.append(index <= count ? base64Digit(digit) : UInt8(ascii: "="))
            }
            place &+= count
        }
    }

    private static func base64Digit(_ value: UInt8) -> UInt8 {
        switch value {
        case 0..<26: value + UInt8(ascii: "A")
        case 26..<52: value - 26 + UInt8(ascii: "a")
        case 52..<62: value - 52 + UInt8(ascii: "0")
        case 62: UInt8(ascii: "+")
        default: UInt8(ascii: "/")
        }
    }
}
