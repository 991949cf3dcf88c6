import Decoding
import TelemetryModel
import Testing

/// The answer of CloudWatch's `GetMetricData`.
@Suite struct MetricDataTests {
    private static let answer = #"""
        {
          "MetricDataResults": [
            {"Id": "m1", "Label": "CPU \"all\"", "Timestamps": ["2026-01-15T09:01:00+00:00", "2026-01-15T09:00:00Z"],
             "Values": [1.5, 2], "StatusCode": "Complete"},
            {"Id": "m2", "Label": "Errors", "Timestamps": [1768467600.0], "Values": []},
            {"Id": "m3", "Label": "None", "Timestamps": [], "Values": []},
            {"Id": "m4", "Label": "Errors", "Timestamps": [1768467600], "Values": [3]},
            {"Id": "m5", "Timestamps": ["2026-01-15T09:01:00Z"], "Values": [1]},
            {"Id": "m6", "Label": "Odd", "Timestamps": ["soon"], "Values": [1]}
          ],
          "Messages": []
        }
        """#

    @Test(arguments: [InputFormat.auto, .metricStreamJSON])
    func eachValueIsAMetric(format: InputFormat) throws {
        let bytes = Array(MetricDataTests.answer.utf8)
        let records = try decodeAnyMessage(bytes, format: format)
        #expect(records.map(\.reason) == [nil, nil, .invalidField, nil, .missingField, .invalidField])
        #expect(records[0].fields["metric_name"] == .text(#"CPU "all""#))
        #expect(records[0].fields["dimensions"] == .json(#"{"Id":"m1"}"#))
        #expect(records[0].fields["value.sum"] == .double(1.5))
        #expect(records[0].time == 1_768_467_660_000_000_000)
        #expect(records[3].time == 1_768_467_600_000_000_000)
        #expect(records[2].detail == "1 Timestamps and 0 Values")
        #expect(try decodeStream(bytes, chunk: 64, format: format).map(\.reason) == records.map(\.reason))
    }

    @Test func everyPrefixIsAccountedFor() throws {
        let bytes = Array(MetricDataTests.answer.utf8)
        for length in stride(from: 30, to: bytes.count, by: 7) {
            #expect(try decodeAnyMessage(Array(bytes[..<length])).contains { $0.reason != nil })
        }
    }
}
