import TelemetryModel
import Testing

@testable import Decoding

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
    func records(inflatedWholeMax: Int? = nil) throws -> [PlainCollector.Record] {
        var decoder = MessageDecoder(format: format, projections: allKinds, limits: limits)
        if let inflatedWholeMax { decoder.inflatedWholeMax = inflatedWholeMax }
        var collector = PlainCollector()
        let count = decoder.decode(bytes.span.bytes, to: &collector)
        guard count == collector.records.count, collector.records.map(\.index) == Array(0..<count) else {
            throw LostRecords(counted: count, seen: collector.records.count)
        }
        return collector.records
    }
    let found = try records()
    #expect(try found == records(inflatedWholeMax: 0), "as if gzip were inflated step by step")
    return found
}

func decodeAnyMessage(
    _ text: String, format: InputFormat = .auto, limits: DecodingLimits = DecodingLimits()
) throws -> [PlainCollector.Record] {
    try decodeAnyMessage(Array(text.utf8), format: format, limits: limits)
}

/// Decodes a stream in chunks of the size given, and checks that no record is lost; what is one chunk, as a whole too.
func decodeStream(
    _ bytes: [UInt8], chunk: Int, format: InputFormat = .auto, limits: DecodingLimits = DecodingLimits()
) throws -> [PlainCollector.Record] {
    func records(isWhole: Bool) throws -> [PlainCollector.Record] {
        var decoder = StreamDecoder(format: format, projections: allKinds, limits: limits)
        var collector = PlainCollector()
        for place in stride(from: 0, to: bytes.count, by: chunk) {
            let part = bytes.span.bytes.extracting(place..<min(place + chunk, bytes.count))
            decoder.feed(part, isWhole: isWhole, to: &collector)
        }
        decoder.finish(to: &collector)
        let count = decoder.recordsSeen
        guard count == collector.records.count, collector.records.map(\.index) == Array(0..<count) else {
            throw LostRecords(counted: count, seen: collector.records.count)
        }
        return collector.records
    }
    let found = try records(isWhole: false)
    if chunk >= bytes.count { #expect(try found == records(isWhole: true), "as a whole") }
    return found
}
