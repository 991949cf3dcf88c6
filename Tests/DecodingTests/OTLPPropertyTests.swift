import Decoding
import Statistics
import TelemetryModel
import Testing

@Suite struct OTLPPropertyTests {
    static let sample: [UInt8] = ProtobufWriter.message { request in
        for region in ["us-east-1", "eu-west-1"] {
            request.message(1) { resourceMetrics in
                resourceMetrics.message(1) { $0.attribute(1, "cloud.region", region) }
                resourceMetrics.message(2) { scope in
                    cloudWatchMetric(&scope)
                    cloudWatchMetric(&scope, name: "Ümlaut", unit: "By/s", dimensions: [("a", "b"), ("c", "\"")])
                    scope.message(2) { metric in
                        metric.text(1, "plain")
                        metric.message(7) { sum in
                            sum.message(1) { point in
                                point.fixed64(3, 1_700_000_000_000_000_000)
                                point.double(4, 3)
                                point.attribute(7, "list") { $0.message(5) { $0.message(1) { $0.varint(3, 5) } } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Whatever the bytes, records are numbered without a gap and each is an event or a rejection.
    static func check(_ decoded: Decoded, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(decoded.order == Array(0..<decoded.records), sourceLocation: sourceLocation)
        #expect(
            decoded.events.count + decoded.rejected.count == decoded.records, sourceLocation: sourceLocation)
        for rejection in decoded.rejected {
            #expect(rejection.byteOffset <= rejection.original.count, sourceLocation: sourceLocation)
        }
    }

    @Test func everyPrefixEndsInARejectionOrIsWhole() {
        let sample = OTLPPropertyTests.sample
        for count in 0..<sample.count {
            let decoded = decodeOTLP(Array(sample[..<count]))
            OTLPPropertyTests.check(decoded)
            // A cut between two resources leaves a whole request.
            if count > 0, decoded.rejected.isEmpty { #expect(decoded.events.count == 3) }
        }
        #expect(decodeOTLP(sample).events.count == 6)
    }

    @Test func randomMutationsNeverTrapAndLoseNothing() {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("OTLP mutation seed: \(seed)")
        var random = SeededGenerator(seed: seed)
        for _ in 0..<4000 {
            var bytes = OTLPPropertyTests.sample
            for _ in 0...Int(random.next() % 4) {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes[place] ^= 1 << UInt8(random.next() % 8)
                case 2: bytes.remove(at: place)
                default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
                }
            }
            let framing: OTLPDecoder.Framing = random.next() % 4 == 0 ? .varintDelimited : .bare
            OTLPPropertyTests.check(decodeOTLP(bytes, framing: framing))
        }
    }
}
