import Decoding
import TelemetryModel
import TestSupport
import Testing

@Suite struct StreamDecoderTests {
    @Test(arguments: [1, 2, 3, 7, 64, 1000, 1 << 20])
    func chunksDoNotChangeWhatIsDecoded(chunk: Int) throws {
        let header =
            "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status"
        let lines = "\(header)\n" + String(repeating: "\(flowLine)\nbroken\n", count: 20) + flowLine
        let documents = [
            lines, String(repeating: "\(trailRecord)\n", count: 30),
            #"{"Records":[\#(trailRecord),\#(trailRecord)]}"#,
            "{\n  \"Records\": [\n    \(trailRecord),\n    \(trailRecord)\n  ]\n}\n",
            "[\(trailRecord),\n\(trailRecord)]",
        ]
        for document in documents {
            let whole = try decodeAnyMessage(document)
            #expect(try decodeStream(Array(document.utf8), chunk: chunk) == whole)
            #expect(try decodeStream(gzipped(Array(document.utf8)), chunk: chunk) == whole)
        }
    }

    @Test func whatIsTooLargeIsOneRecordWithAllItsBytes() throws {
        let limits = DecodingLimits(expandedBytesMax: 1 << 20, recordBytesMax: 200_000)
        let long = String(repeating: "x", count: 500_000)
        let text = "\(flowLine)\n\(long)\n\(flowLine)\n{\"eventVersion\":\"\(long)\"}\n\(trailRecord)\n"
        let limit = "more than 200000 bytes (--record-bytes-max, or decoding.recordBytesMax in the settings)"
        // In a chunk above the limit a record may be there as a whole.
        for chunk in [100, 4096, 199_999, 200_000] {
            for bytes in [Array(text.utf8), gzipped(Array(text.utf8))] {
                let records = try decodeStream(bytes, chunk: chunk, limits: limits)
                #expect(records.map(\.reason) == [nil, .tooLarge, nil, .tooLarge, nil])
                #expect(records.map(\.index) == [0, 1, 2, 3, 4])
                #expect(records[1].bytes == Array(long.utf8))
                #expect(records[3].bytes == Array("{\"eventVersion\":\"\(long)\"}".utf8))
                #expect(records[1].detail == "a line of 500001 bytes, \(limit)")
            }
        }
        let cut = try decodeStream(
            gzipped(Array(text.utf8)), chunk: 4096,
            limits: DecodingLimits(expandedBytesMax: 300_000, recordBytesMax: 200_000))
        #expect(cut.map(\.reason) == [nil, .tooLarge, nil, .tooLarge, nil])
        #expect(cut[1].detail.hasSuffix("; its first 300000 bytes are kept"), "\(cut[1].detail)")
        // A message is where it came from.
        let message = try decodeAnyMessage(text, limits: limits)
        #expect(message.map(\.reason) == [nil, .tooLarge, nil, .tooLarge, nil])
    }

    @Test func whatFollowsAFaultOfGzipIsKept() throws {
        let line = Array("\(flowLine)\n".utf8)
        let half = Array(flowLine.utf8.prefix(20))
        let garbage = [UInt8](repeating: 0x78, count: 3_000_000)
        for chunk in [7, 4096, 1 << 20] {
            let behind = try decodeStream(gzipped(line + Array(flowLine.utf8)) + garbage, chunk: chunk * 10)
            #expect(behind.prefix(2).map(\.reason) == [nil, nil])
            #expect(behind.dropFirst(2).map(\.bytes) == [garbage])
            #expect(behind.dropFirst(2).map(\.reason) == [.invalidCompression])
            var corrupt = gzipped(line + half)
            corrupt[corrupt.count - 8] ^= 1
            let ended = try decodeStream(corrupt + garbage.prefix(100), chunk: chunk)
            #expect(ended.map(\.reason) == [nil, .invalidCompression, .invalidCompression])
            #expect(ended[1].bytes == half)
            #expect(ended[2].bytes.suffix(100) == garbage.prefix(100))
            let head = Array(gzipped(line).prefix(10))
            #expect(try decodeStream(head, chunk: chunk).map(\.bytes) == [head])
        }
    }

    @Test func whatIsTooLargeEndsBeforeAFaultOfGzip() throws {
        let limits = DecodingLimits(recordBytesMax: 10_000)
        let noise: [UInt8] = (0..<200_000).map { (place: Int) -> UInt8 in
            let letter = (place * place / 7) % 26
            return UInt8(0x61 + letter)
        }
        let records = try decodeStream(gzipped(noise).dropLast(9), chunk: 1000, limits: limits)
        #expect(records.map(\.reason) == [.tooLarge, .invalidCompression])
        #expect(records.map(\.index) == [0, 1])
        #expect(noise.starts(with: records[0].bytes) && records[0].bytes.count > 10_000)
    }

    @Test func linesThatAreNotReadAreKeptWhereGzipIsCutOff() throws {
        let other = #"http 2026-01-15T09:00:00.000000Z app/lb/1 1.2.3.4:1 10.0.0.1:80 0 0 0 200 200 1 1 "GET" "x""#
        let whole = gzipped(Array("\(other)\n\(other)\n\(flowLine)".utf8))
        let records = try decodeStream(whole.dropLast(20), chunk: 50)
        #expect(records.map(\.reason) == [.accessLog, .invalidCompression])
        #expect(records[0].bytes == Array("\(other)\n\(other)".utf8))
    }

    @Test func aLargeFileThatIsNotReadIsKept() throws {
        let limits = DecodingLimits(expandedBytesMax: 2 << 20)
        let file = Array("PAR1".utf8) + [UInt8](repeating: 7, count: 5_000_000)
        let records = try decodeStream(file, chunk: 100_000, limits: limits)
        #expect(records.map(\.reason) == [.parquet])
        #expect(records.map(\.bytes) == [file])
        let packed = try decodeStream(gzipped(file), chunk: 100_000, limits: limits)
        #expect(packed.map(\.reason) == [.parquet])
        #expect(packed.last?.detail.hasSuffix("; what follows is not kept") == true)
    }

    @Test func documentOverTheLimitIsDecodedAsItComes() throws {
        let limits = DecodingLimits(expandedBytesMax: 300_000, recordBytesMax: 200_000)
        let list = Array(repeating: trailRecord, count: 5000).joined(separator: ",\n")
        let records = try decodeStream(Array("{\n\"Records\": [\(list)]}".utf8), chunk: 10_000, limits: limits)
        #expect(records.count == 5000)
        #expect(records.allSatisfy { $0.reason == nil })
    }

    @Test func linesMayExpandWithoutATotalLimit() throws {
        let limits = DecodingLimits(expandedBytesMax: 100_000, recordBytesMax: 10_000)
        let text = String(repeating: "\(flowLine)\n", count: 5000)
        #expect(try decodeStream(gzipped(Array(text.utf8)), chunk: 4096, limits: limits).count == 5000)
    }

    @Test func gzipBombEndsTheStream() throws {
        let limits = DecodingLimits(expandedBytesMax: 1 << 20, recordBytesMax: 1 << 20)
        let records = try decodeStream(gzipBomb(of: 258 * 40_000 + 1), chunk: 4096, limits: limits)
        #expect(records.map(\.reason) == [.tooLarge])
    }

    @Test func everyPrefixOfAGzipStreamKeepsTheLinesBeforeTheCut() throws {
        let whole = gzipped(Array("\(flowLine)\n\(flowLine)\n\(flowLine)\n".utf8))
        for length in 3..<whole.count {
            let records = try decodeStream(Array(whole[..<length]), chunk: 50)
            #expect(records.last?.reason == .invalidCompression, "\(length) bytes")
            #expect(records.dropLast().allSatisfy { $0.reason == nil })
        }
        let cut = try decodeStream(Array(whole[..<(whole.count - 8 - flowLine.utf8.count)]), chunk: 1 << 20)
        #expect(cut.count == 3)
    }

    @Test func emptyStreamsHoldNoRecords() throws {
        #expect(try decodeStream([], chunk: 10).isEmpty)
        #expect(try decodeStream(Array("\n\n  \n".utf8), chunk: 2).isEmpty)
        #expect(try decodeStream(gzipped([]), chunk: 5).isEmpty)
        #expect(try decodeStream(Array("x".utf8), chunk: 1).map(\.reason) == [.wrongFieldCount])
    }

    @Test func decoderServesOneStreamAfterAnother() throws {
        var decoder = StreamDecoder(projections: allKinds)
        for text in ["srcaddr start\n10.0.0.1 1795168800\n", "\(flowLine)\n", trailRecord] {
            var collector = PlainCollector()
            decoder.beginSource()
            let bytes = Array(text.utf8)
            decoder.feed(bytes.span.bytes, to: &collector)
            decoder.finish(to: &collector)
            #expect(decoder.recordsSeen == 1)
            #expect(decoder.bytesSeen == bytes.count)
            #expect(collector.records.map(\.reason) == [nil])
        }
    }
}
