import Decoding
import Statistics
import TelemetryModel
import Testing

@Suite struct RemoteWriteTests {
    /// A snappy block of literals only.
    func compress(_ bytes: [UInt8]) -> [UInt8] {
        var writer = ProtobufWriter()
        writer.varint(UInt64(bytes.count))
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(60)
            writer.bytes.append(UInt8(part.count - 1) << 2)
            writer.bytes += part
            rest = rest.dropFirst(60)
        }
        return writer.bytes
    }

    func decode(_ block: [UInt8], limits: DecodingLimits = DecodingLimits()) -> (Decoded, staleMarkers: Int) {
        var decoder = RemoteWriteDecoder(projection: metricProjection(), limits: limits)
        var consumer = RecordingConsumer()
        let span = unsafe block.span.bytes
        let records = decoder.decode(span, firstRecord: 0, to: &consumer)
        return (consumer.result(records: records), decoder.staleMarkers)
    }

    func sample(_ series: inout ProtobufWriter, _ value: Double, _ milliseconds: Int64) {
        series.message(2) { sample in
            sample.double(1, value)
            sample.varint(2, UInt64(bitPattern: milliseconds))
        }
    }

    func labels(_ series: inout ProtobufWriter, _ pairs: [(String, String)]) {
        for (name, value) in pairs {
            series.message(1) { label in
                label.text(1, name)
                label.text(2, value)
            }
        }
    }

    func versionOne() -> [UInt8] {
        ProtobufWriter.message { request in
            request.message(1) { series in
                labels(&series, [("__name__", "up"), ("InstanceId", "i-1"), ("job", "a\"b")])
                sample(&series, 1, 1_700_000_000_000)
                sample(&series, -2.5, 1_700_000_015_000)
                sample(&series, Double(bitPattern: 0x7FF0_0000_0000_0002), 1_700_000_030_000)
            }
            request.message(1) { series in
                labels(&series, [("__name__", "latency")])
                series.message(4) { histogram in
                    histogram.varint(1, 12)
                    histogram.double(3, 3.5)
                    histogram.varint(15, 1_700_000_000_000)
                }
            }
            request.message(3) { $0.text(2, "up") }
        }
    }

    @Test func samplesAndHistogramsBecomeEvents() {
        let (decoded, staleMarkers) = decode(compress(versionOne()))
        #expect(decoded.rejected.isEmpty && decoded.records == 3 && decoded.order == [0, 1, 2])
        #expect(staleMarkers == 1)
        #expect(
            decoded.events.first?.fields == [
                "metric_name": "up", "dimensions": #"{"InstanceId":"i-1","job":"a\"b"}"#,
                "dimensions.InstanceId": "i-1", "timestamp": "1700000000000", "value.max": "1.0", "value.min": "1.0",
                "value.sum": "1.0", "value.count": "1.0",
            ])
        #expect(decoded.events[1].fields["value.sum"] == "-2.5")
        #expect(
            decoded.events[2].fields == [
                "metric_name": "latency", "dimensions": "{}", "timestamp": "1700000000000", "value.sum": "3.5",
                "value.count": "12.0",
            ])
    }

    @Test func versionTwoNamesLabelsByATableOfSymbols() {
        let request = ProtobufWriter.message { request in
            for symbol in ["", "__name__", "up", "job", "api", "seconds"] { request.text(4, symbol) }
            request.message(5) { series in
                series.bytes(1, [1, 2, 3, 4])
                sample(&series, 5, 1_700_000_000_000)
                series.message(5) { $0.varint(4, 5) }
            }
            request.message(5) { series in
                series.bytes(1, [1, 9])
                sample(&series, 5, 1_700_000_000_000)
            }
            request.message(5) { series in
                series.bytes(1, [1, 2, 3])
                sample(&series, 5, 1_700_000_000_000)
            }
        }
        let (decoded, _) = decode(compress(request))
        #expect(decoded.events.map { $0.fields["dimensions"] } == [#"{"job":"api"}"#])
        #expect(decoded.events.map { $0.fields["unit"] } == ["seconds"])
        #expect(decoded.rejected.map(\.reason) == [.invalidField, .invalidField])
    }

    @Test func badSamplesAreRejectedAndTheRestGoesOn() {
        let request = ProtobufWriter.message { request in
            request.message(1) { series in
                labels(&series, [("__name__", "up")])
                sample(&series, .nan, 1)
                sample(&series, 1, .max)
                sample(&series, 1, -1)
                sample(&series, 1, 1_700_000_000_000)
            }
            request.message(1) { series in
                labels(&series, [("job", "nameless")])
                sample(&series, 1, 1)
            }
            request.message(1) { series in
                labels(&series, [("__name__", "long"), ("l", String(repeating: "x", count: 1 << 17))])
                sample(&series, 1, 1)
            }
        }
        let (decoded, _) = decode(compress(request))
        #expect(decoded.rejected.map(\.reason) == [.outOfRange, .outOfRange, .outOfRange, .missingField, .tooLarge])
        #expect(decoded.events.map(\.time) == [1_700_000_000_000_000_000] && decoded.order == [0, 1, 2, 3, 4, 5])
    }

    @Test func malformedCompressionIsRejectedWithTheOriginalBytes() {
        let block: [UInt8] = [200, 1, 2, 3]
        let (decoded, _) = decode(block)
        #expect(decoded.rejected.map(\.original) == [block] && decoded.records == 1)
        let (bomb, _) = decode(compress(versionOne()), limits: DecodingLimits(expandedBytesMax: 50))
        #expect(bomb.rejected.map(\.reason) == [.tooLarge])
    }

    @Test func prefixesAndMutationsNeverTrapAndLoseNothing() {
        let message = versionOne()
        for count in 0..<message.count { OTLPPropertyTests.check(decode(compress(Array(message[..<count]))).0) }
        let seed = UInt64.random(in: 0...UInt64.max)
        print("remote write mutation seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<3000 {
            var bytes = message
            for _ in 0...Int(random.next() % 3) {
                bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
            }
            OTLPPropertyTests.check(decode(compress(bytes)).0)
        }
    }
}
