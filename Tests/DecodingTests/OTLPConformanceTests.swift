import Decoding
import Foundation
import TelemetryModel
import Testing

/// The folder of public data sets; without it these tests are skipped, and say so.
private let conformanceData: String? = {
    let folder = ProcessInfo.processInfo.environment["TIDEWATCH_CONFORMANCE_DATA"]
    if folder == nil { print("OTLP conformance: skipped, TIDEWATCH_CONFORMANCE_DATA is not set") }
    return folder
}()

/// What CloudWatch really sent, against the counts that another decoder (opentelemetry-proto for Python) made of it.
// Skipped without the data sets: they are not part of the repository.
@Suite(.enabled(if: conformanceData != nil)) struct OTLPConformanceTests {
    struct Expected: Decodable {
        var dataPoints: Int
        var metricNames: [String: Int]
        var units: [String: Int]
        var sumOfCounts: Double
        var sumOfSums: Double
        var timeUnixNano: [Int64]
    }

    @Test func realMetricStreamRecordMatchesItsDecodedForm() throws {
        let folder = try #require(conformanceData) + "/metrics/cw-metric-stream-otel1"
        let payload = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/record0.bin")))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let expected = try decoder.decode(
            Expected.self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/record0.expected.json")))
        let decoded = decodeOTLP(payload, framing: .varintDelimited)
        #expect(decoded.rejected.isEmpty)
        #expect(decoded.records == expected.dataPoints && decoded.events.count == expected.dataPoints)

        // A metric may have several points; the expected names count metrics, so names are compared as a set.
        let names = Set(decoded.events.map { "amazonaws.com/\($0.fields["namespace"]!)/\($0.fields["metric_name"]!)" })
        #expect(names == Set(expected.metricNames.keys))
        let codes = [
            "Bytes": "By", "Count": "{Count}", "None": "1", "Percent": "%", "Milliseconds": "ms", "Seconds": "s",
        ]
        let units = Set(decoded.events.map { codes[$0.fields["unit"]!] })
        #expect(units == Set(expected.units.keys))
        #expect(decoded.events.reduce(0) { $0 + Double($1.fields["value.count"]!)! } == expected.sumOfCounts)
        let sum = decoded.events.reduce(0) { $0 + Double($1.fields["value.sum"]!)! }
        #expect(abs(sum - expected.sumOfSums) <= 1e-6 * expected.sumOfSums)
        #expect(decoded.events.map(\.time).min() == expected.timeUnixNano[0])
        #expect(decoded.events.map(\.time).max() == expected.timeUnixNano[1])
        for event in decoded.events {
            #expect(event.fields["value.min"] != nil && event.fields["value.max"] != nil)
            #expect(event.fields["account_id"] == "486140753397" && event.fields["region"] == "us-east-1")
            let dimensions = try JSONSerialization.jsonObject(with: Data(event.fields["dimensions"]!.utf8))
            #expect(dimensions is [String: String])
        }
    }

    @Test func exampleOfTheSpecificationIsReadWhole() throws {
        let folder = try #require(conformanceData) + "/metrics/opentelemetry-proto/examples"
        let text = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/metrics.json")))
        let decoded = decodeOTLPJSON(text)
        #expect(decoded.rejected.isEmpty)
        let values = decoded.events.map { event in
            ["metric_name", "value.count", "value.sum", "value.min", "value.max"].map { event.fields[$0] }
        }
        #expect(
            values == [
                ["my.counter", "1.0", "5.0", "5.0", "5.0"], ["my.gauge", "1.0", "10.0", "10.0", "10.0"],
                ["my.histogram", "2.0", "2.0", "0.0", "2.0"],
                ["my.exponential.histogram", "3.0", "10.0", "0.0", "5.0"],
            ])
        #expect(decoded.events.allSatisfy { $0.fields["namespace"] == "my.service" })
    }
}
