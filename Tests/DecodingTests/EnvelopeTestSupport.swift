import Decoding
import TelemetryModel

/// gzip without compression: deflate's stored blocks, so that tests need no compressor.
func gzipped(_ bytes: [UInt8]) -> [UInt8] {
    var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]
    var place = 0
    repeat {
        let end = min(place + 0xFFFF, bytes.count)
        let length = UInt16(end - place)
        output.append(end == bytes.count ? 1 : 0)
        for word in [length, ~length] { output += [UInt8(truncatingIfNeeded: word), UInt8(word >> 8)] }
        output += bytes[place..<end]
        place = end
    } while place < bytes.count
    for word in [crc32(bytes), UInt32(truncatingIfNeeded: bytes.count)] {
        for shift in [0, 8, 16, 24] as [UInt32] { output.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return output
}

/// A gzip member of `count` zeros, about a thousandth of that in size: one symbol of deflate's fixed code stands for 258.
func gzipBomb(of count: Int) -> [UInt8] {
    precondition(count % 258 == 1, "one literal and then runs of 258")
    var bits: [UInt8] = []
    var current: UInt8 = 0
    var filled: UInt8 = 0
    func put(_ bit: UInt8) {
        current |= bit << filled
        filled += 1
        if filled == 8 {
            bits.append(current)
            current = 0
            filled = 0
        }
    }
    // Last block, fixed codes; the literal 0 is the code 00110000.
    for bit in [1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0] as [UInt8] { put(bit) }
    // Length 258 is the code 11000101, distance 1 the code 00000.
    for _ in 0..<count / 258 { for bit in [1, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0] as [UInt8] { put(bit) } }
    for _ in 0..<7 { put(0) }
    while filled != 0 { put(0) }
    var output: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF] + bits
    let zeros = [UInt8](repeating: 0, count: count)
    for word in [crc32(zeros), UInt32(truncatingIfNeeded: count)] {
        for shift in [0, 8, 16, 24] as [UInt32] { output.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
    return output
}

private let crcTable: [UInt32] = (0..<256).map { (start: UInt32) -> UInt32 in
    var value = start
    for _ in 0..<8 { value = value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1 }
    return value
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
    var crc = ~UInt32(0)
    for byte in bytes { crc = crcTable[Int(UInt8(truncatingIfNeeded: crc) ^ byte)] ^ (crc >> 8) }
    return ~crc
}

func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var text = ""
    for place in stride(from: 0, to: bytes.count, by: 3) {
        let part = bytes[place..<min(place + 3, bytes.count)]
        let word = part.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
        for index in 0..<4 {
            text.append(index <= part.count ? alphabet[Int(word >> UInt32(18 - 6 * index) & 63)] : "=")
        }
    }
    return text
}

let flowLine =
    "2 123456789012 eni-0a1b2c3d 10.0.0.5 203.0.113.9 49152 443 6 12 3400 1795168800 1795168859 ACCEPT OK"
let trailRecord =
    #"{"eventVersion":"1.11","eventTime":"2026-11-20T10:00:00Z","eventName":"GetObject","userIdentity":{"type":"Root"}}"#

let allKinds = ProjectionSet(
    cloudTrail: Projection(kind: .cloudTrail, fields: [FieldPath(keys: "eventName")]),
    vpcFlow: EventJSONWriter.fullProjection(.vpcFlow), metric: EventJSONWriter.fullProjection(.metric))

/// Decodes one message, and checks that no record is lost.
func decodeAnyMessage(
    _ bytes: [UInt8], format: InputFormat = .auto, limits: DecodingLimits = DecodingLimits()
) throws -> [PlainCollector.Record] {
    var decoder = MessageDecoder(format: format, projections: allKinds, limits: limits)
    var collector = PlainCollector()
    let count = decoder.decode(bytes.span.bytes, firstRecord: 0, to: &collector)
    guard count == collector.records.count, collector.records.map(\.index) == Array(0..<count) else {
        throw LostRecords(counted: count, seen: collector.records.count)
    }
    return collector.records
}

func decodeAnyMessage(
    _ text: String, format: InputFormat = .auto, limits: DecodingLimits = DecodingLimits()
) throws -> [PlainCollector.Record] {
    try decodeAnyMessage(Array(text.utf8), format: format, limits: limits)
}

/// Decodes a stream in chunks of the size given, and checks that no record is lost.
func decodeStream(
    _ bytes: [UInt8], chunk: Int, format: InputFormat = .auto, limits: DecodingLimits = DecodingLimits()
) throws -> [PlainCollector.Record] {
    var decoder = StreamDecoder(format: format, projections: allKinds, limits: limits)
    var collector = PlainCollector()
    for place in stride(from: 0, to: bytes.count, by: chunk) {
        decoder.feed(bytes.span.bytes.extracting(place..<min(place + chunk, bytes.count)), to: &collector)
    }
    decoder.finish(to: &collector)
    let count = decoder.recordsSeen
    guard count == collector.records.count, collector.records.map(\.index) == Array(0..<count) else {
        throw LostRecords(counted: count, seen: collector.records.count)
    }
    return collector.records
}
