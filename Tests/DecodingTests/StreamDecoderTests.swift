import Decoding
import TelemetryModel
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

    @Test func longLineIsRejectedWithABoundedPrefix() throws {
        let limits = DecodingLimits(expandedBytesMax: 1 << 20, recordBytesMax: 200_000)
        let long = String(repeating: "x", count: 500_000)
        let text = "\(flowLine)\n\(long)\n\(flowLine)\n{\"eventVersion\":\"\(long)\"}\n\(trailRecord)\n"
        let records = try decodeStream(Array(text.utf8), chunk: 4096, limits: limits)
        #expect(records.map(\.reason) == [nil, .tooLarge, nil, .tooLarge, nil])
        #expect(records[1].bytes.count == 65_536)
        #expect(
            records[1].detail
                == "a line of 500001 bytes, more than 200000 bytes (--record-bytes-max, or decoding.recordBytesMax in the settings); its first 65536 bytes are kept"
        )
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
