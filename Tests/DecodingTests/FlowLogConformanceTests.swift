import Decoding
import Foundation
import TelemetryModel
import TestSupport
import Testing

/// The folder of public data sets, or `nil`; tests of conformance are skipped without it, and say so.
private let conformanceData: URL? = {
    guard let path = ProcessInfo.processInfo.environment["TIDEWATCH_CONFORMANCE_DATA"] else {
        print("TIDEWATCH_CONFORMANCE_DATA is not set: conformance tests of flow logs and envelopes are skipped")
        return nil
    }
    return URL(filePath: path)
}()

/// Needs the data sets, which are no part of the repository.
@Suite(.enabled(if: conformanceData != nil)) struct FlowLogConformanceTests {
    private struct Case: Decodable {
        let line: String
        let format: String
        let expected: [String: Value]?
        let expectedDerived: [String: Value]?

        enum CodingKeys: String, CodingKey {
            case line, format, expected
            case expectedDerived = "expected_derived"
        }
    }

    private enum Value: Decodable, Equatable {
        case integer(Int64)
        case text(String)
        case null

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if container.decodeNil() {
                self = .null
            } else if let value = try? container.decode(Int64.self) {
                self = .integer(value)
            } else {
                self = .text(try container.decode(String.self))
            }
        }
    }

    @Test(arguments: ["vrl-pairs.json", "vrl-accepted-lines.json"])
    func linesGiveTheFieldsThatVectorGives(file: String) throws {
        let url = try #require(conformanceData).appending(path: "vpcflow/\(file)")
        let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: url))
        #expect(!cases.isEmpty)
        for item in cases {
            // A line whose format has no time is no event of its own: here it is given one.
            let hasTime = item.format.contains("start") || item.format.contains("end")
            let records = try decodeFlowLog(
                Array((item.line + (hasTime ? "" : " 1700000000")).utf8),
                fields: item.format + (hasTime ? "" : " start"))
            var expected: [String: PlainValue] = hasTime ? [:] : ["start": .integer(1_700_000_000)]
            for (name, value) in try #require(item.expected ?? item.expectedDerived) {
                switch value {
                case .integer(let value): expected[name] = .integer(value)
                case .text(let value): expected[name] = .text(value)
                case .null: break
                }
            }
            #expect(records.map(\.fields) == [expected], "\(item.line)")
        }
    }

    @Test(arguments: ["valid_vpc_flow_log_multi.log", "valid_vpc_flow_cw.json"])
    func collectorFilesHoldTwoFlows(file: String) throws {
        let url = try #require(conformanceData).appending(path: "vpcflow/otel-contrib/\(file)")
        let records = try decodeStream(Array(Data(contentsOf: url)), chunk: 100)
        #expect(records.map { $0.fields["action"] } == [.text("ACCEPT"), .text("REJECT")])
        #expect(records.map { $0.fields["dstport"] } == [.integer(22), .integer(3389)])
    }

    @Test func eventBridgeFilesHoldOneCallEach() throws {
        let folder = try #require(conformanceData).appending(path: "cloudtrail/cloud-custodian-eventbridge")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files where file.pathExtension == "json" {
            let bytes = Array(try Data(contentsOf: file))
            let records = try decodeStream(bytes, chunk: 1 << 16)
            // One of the files holds a record without its time.
            guard String(decoding: bytes, as: UTF8.self).contains("\"eventTime\"") else {
                #expect(records.map(\.reason) == [.missingField])
                continue
            }
            #expect(records.map(\.kind) == [.cloudTrail], "\(file.lastPathComponent): \(records.map(\.detail))")
            #expect(records.first?.fields["eventName"] != nil)
        }
    }

    /// CloudTrail files as they were delivered, compressed: every record is decoded, none is lost.
    @Test func compressedFilesDecodeWithoutALoss() throws {
        let folder = try #require(conformanceData).appending(path: "cloudtrail/invictus-ir")
        var total = 0
        for file in try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        where file.pathExtension == "gz" {
            let records = try decodeStream(Array(Data(contentsOf: file)), chunk: 1 << 16)
            #expect(records.allSatisfy { $0.kind == .cloudTrail }, "\(file.lastPathComponent)")
            total += records.count
        }
        #expect(total == 1448)
    }

    @Test(arguments: [
        "metrics/cw-metric-stream-otel1/record0.bin", "metrics/otel-contrib/valid_metric_with_percentiles.json",
        "metrics/otel-contrib/single_record", "metrics/opentelemetry-proto/examples/metrics.json",
    ])
    func metricsOfEveryFormatAreRecognisedByTheirBytes(file: String) throws {
        let url = try #require(conformanceData).appending(path: file)
        let bytes = Array(try Data(contentsOf: url))
        for records in [
            try decodeStream(bytes, chunk: 500), try decodeAnyMessage(bytes), try decodeAnyMessage(gzipped(bytes)),
        ] {
            #expect(!records.isEmpty)
            #expect(records.allSatisfy { $0.kind == .metric }, "\(records.map(\.detail))")
        }
    }
}
