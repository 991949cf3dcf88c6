import Decoding
import TelemetryModel
import Testing

@Suite struct OTLPRejectionTests {
    /// A good point, the point that `build` writes, and another good point.
    func decodeBetweenGoodPoints(
        limits: DecodingLimits = DecodingLimits(), _ build: (inout ProtobufWriter) -> Void
    ) -> (decoded: Decoded, bad: [UInt8]) {
        func good(_ point: inout ProtobufWriter) {
            point.fixed64(3, 1_700_000_000_001_000_000)
            point.double(4, 1)
        }
        let request = otlpRequest { scope in
            scope.message(2) { metric in
                metric.text(1, "m")
                metric.message(5) { gauge in
                    gauge.message(1, good)
                    gauge.message(1, build)
                    gauge.message(1, good)
                }
            }
        }
        return (decodeOTLP(request, limits: limits), ProtobufWriter.message(build))
    }

    func expectOneRejection(
        _ reason: RejectionReason, at offset: Int? = nil, limits: DecodingLimits = DecodingLimits(),
        _ build: (inout ProtobufWriter) -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let (decoded, bad) = decodeBetweenGoodPoints(limits: limits, build)
        #expect(decoded.records == 3 && decoded.order == [0, 1, 2], sourceLocation: sourceLocation)
        #expect(decoded.events.map(\.index) == [0, 2], sourceLocation: sourceLocation)
        #expect(decoded.rejected.map(\.reason) == [reason], sourceLocation: sourceLocation)
        #expect(decoded.rejected.first?.original == bad, sourceLocation: sourceLocation)
        if let offset { #expect(decoded.rejected.first?.byteOffset == offset, sourceLocation: sourceLocation) }
    }

    @Test func pointWithoutTimeOrValueIsRejected() {
        expectOneRejection(.missingField, at: 0) { $0.double(4, 1) }
        expectOneRejection(.missingField, at: 0) { $0.fixed64(3, 1_700_000_000_000_000_001) }
    }

    @Test func timeThatCannotBeRepresentedIsRejected() {
        expectOneRejection(.outOfRange) { point in
            point.fixed64(3, UInt64(Int64.max) + 1)
            point.double(4, 1)
        }
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func valueThatIsNoNumberIsRejected(value: Double) {
        expectOneRejection(.outOfRange) { point in
            point.fixed64(3, 1_700_000_000_000_000_001)
            point.double(4, value)
        }
    }

    @Test func textThatIsNotUTF8IsRejectedAtItsByte() {
        expectOneRejection(.invalidUTF8, at: 24) { point in
            point.fixed64(3, 1_700_000_000_000_000_001)
            point.double(4, 1)
            point.message(7) { $0.bytes(1, [0x61, 0x62, 0xFF]) }
        }
    }

    @Test func malformedPointIsRejected() {
        expectOneRejection(.invalidProtobuf, at: 9) { point in
            point.fixed64(3, 1_700_000_000_000_000_001)
            point.tag(20, 3)
        }
        expectOneRejection(.invalidProtobuf, at: 0) { $0.tag(0, 0) }
        expectOneRejection(.invalidProtobuf, at: 1) { $0.bytes = [0x08] + [UInt8](repeating: 0xFF, count: 10) + [1] }
        expectOneRejection(.invalidProtobuf) { $0.varint(3, 1) }
        expectOneRejection(.invalidProtobuf) { $0.bytes = [0x3A, 0x05, 0x0A] }
        expectOneRejection(.invalidProtobuf) { $0.bytes = [0x19, 0, 0] }
    }

    @Test func unknownFieldsArePassedOver() {
        let (decoded, _) = decodeBetweenGoodPoints { point in
            point.fixed64(3, 1_700_000_000_001_000_000)
            point.double(4, 1)
            point.varint(100, 1)
            point.text(101, "\u{FF}")
            point.tag(102, 5)
            point.bytes += [1, 2, 3, 4]
        }
        #expect(decoded.rejected.isEmpty && decoded.events.count == 3)
    }

    @Test func attributeNestedDeeperThanTheLimitIsRejected() {
        func nested(_ depth: Int) -> (inout ProtobufWriter) -> Void {
            return { point in
                point.fixed64(3, 1_700_000_000_000_000_001)
                point.double(4, 1)
                var value = ProtobufWriter.message { $0.text(1, "x") }
                for _ in 1..<depth {
                    value = ProtobufWriter.message { outer in outer.message(5) { $0.bytes(1, value) } }
                }
                point.message(7) { $0.bytes(2, value) }
            }
        }
        let limits = DecodingLimits(nestingMax: 10)
        expectOneRejection(.nestingTooDeep, limits: limits, nested(11))
        #expect(decodeBetweenGoodPoints(limits: limits, nested(10)).decoded.rejected.isEmpty)
        expectOneRejection(.nestingTooDeep, nested(10_000))
    }

    @Test func pointLargerThanTheLimitIsRejected() {
        expectOneRejection(.tooLarge, limits: DecodingLimits(recordBytesMax: 100)) { point in
            point.fixed64(3, 1_700_000_000_000_000_001)
            point.double(4, 1)
            point.attribute(7, "k", String(repeating: "x", count: 100))
        }
    }

    @Test func dimensionsTooLongToComposeAreRejected() {
        expectOneRejection(.tooLarge) { point in
            point.fixed64(3, 1_700_000_000_000_000_001)
            point.double(4, 1)
            point.attribute(7, "k", String(repeating: "\u{1}", count: 300_000))
        }
    }

    @Test func quantileOutsideItsRangeIsRejected() {
        let decoded = decodeOTLP(
            otlpRequest { scope in
                cloudWatchMetric(&scope, quantiles: [(1.5, 1)])
                cloudWatchMetric(&scope, quantiles: [(.nan, 1)])
                cloudWatchMetric(&scope, quantiles: [(0.5, .infinity)])
                cloudWatchMetric(&scope, quantiles: [(0.5, .nan)])
            })
        #expect(decoded.rejected.map(\.reason) == [.invalidField, .invalidField, .outOfRange])
        #expect(decoded.order == [0, 1, 2, 3] && decoded.events[0].fields["value.quantiles"] == nil)
    }

    @Test func labelsOfTheOlderFormatAreNotDroppedInSilence() {
        let decoded = decodeOTLP(
            otlpRequest { scope in
                scope.message(2) { metric in
                    metric.text(1, "amazonaws.com/AWS/EC2/X")
                    metric.message(11) { summary in
                        summary.message(1) { point in
                            point.message(1) { label in
                                label.text(1, "Namespace")
                                label.text(2, "AWS/EC2")
                            }
                            point.fixed64(3, 1_700_000_000_000_000_001)
                        }
                    }
                }
            })
        #expect(decoded.rejected.map(\.reason) == [.unsupported])
    }

    @Test func metricThatMeansNothingIsRejectedAsAWhole() {
        let decoded = decodeOTLP(
            otlpRequest { scope in
                scope.message(2) { metric in
                    metric.text(1, "no data")
                }
                scope.message(2) { metric in
                    metric.message(5) { gauge in
                        gauge.message(1) {
                            $0.fixed64(3, 1_700_000_000_000_000_001)
                            $0.double(4, 1)
                        }
                    }
                }
                scope.message(2) { metric in
                    metric.text(1, "cut")
                    metric.bytes += [0x2A, 0x09, 0x0A]
                }
                cloudWatchMetric(&scope)
            })
        #expect(decoded.rejected.map(\.reason) == [.unsupported, .missingField, .invalidProtobuf])
        #expect(decoded.order == [0, 1, 2, 3])
    }

    @Test func resourceMetricsBeforeAFaultAreKept() {
        let good = otlpRequest { cloudWatchMetric(&$0) }
        let decoded = decodeOTLP(good + [0x0A, 0x7F, 0x01])
        #expect(decoded.events.count == 1)
        #expect(decoded.rejected.map(\.original) == [[0x0A, 0x7F, 0x01]])
        #expect(decoded.rejected.map(\.reason) == [.truncated])
        #expect(decoded.rejected.map(\.byteOffset) == [2])
    }
}
