import Foundation
import TelemetryModel
import Testing

@testable import Decoding

/// The folder of public data sets, or `nil`: then these tests are skipped, which is said once.
private let conformanceData: URL? = {
    guard let path = ProcessInfo.processInfo.environment["TIDEWATCH_CONFORMANCE_DATA"] else {
        print("skipped: CloudTrail conformance, TIDEWATCH_CONFORMANCE_DATA is not set")
        return nil
    }
    return URL(fileURLWithPath: path).appendingPathComponent("cloudtrail")
}()

/// Counts over public CloudTrail data against those that its folder states.
// Needs data that is not in the repository.
@Suite(.enabled(if: conformanceData != nil))
struct CloudTrailConformanceTests {
    struct Tally {
        var records = 0
        var refusals: [String] = []
        var sources: [String: Int] = [:]
        var errors: [String: Int] = [:]
        var identities: [String: Int] = [:]
        var times: [Timestamp] = []
    }

    private func tally(_ folder: String) throws -> Tally {
        var tally = Tally()
        let root = try #require(conformanceData).appendingPathComponent(folder)
        for name in try FileManager.default.contentsOfDirectory(atPath: root.path).sorted() where name.contains(".json")
        {
            let bytes = try contents(root.appendingPathComponent(name))
            let outcome = CloudTrailDecoderTests.decode(bytes, ["eventSource", "errorCode", "userIdentity.type"])
            tally.records += outcome.rows.count
            tally.refusals += outcome.refusals.map { "\(name): \($0.detail)" }
            for row in outcome.rows {
                func count(_ slot: Int, _ counts: inout [String: Int], absent: String?) {
                    let text = row.values[slot]
                    if text.hasPrefix("'") {
                        counts[String(text.dropFirst().dropLast()), default: 0] += 1
                    } else if let absent {
                        counts[absent, default: 0] += 1
                    }
                }
                count(0, &tally.sources, absent: nil)
                count(1, &tally.errors, absent: nil)
                count(2, &tally.identities, absent: "None")
                tally.times.append(row.time)
            }
        }
        return tally
    }

    private func contents(_ file: URL) throws -> [UInt8] {
        if file.pathExtension != "gz" { return [UInt8](try Data(contentsOf: file)) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/gzip")
        process.arguments = ["-dc", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](data)
    }

    @Test(arguments: ["invictus-ir", "stratus-red-team"])
    func countsEqualTheStatedOnes(folder: String) throws {
        let file = try #require(conformanceData).appendingPathComponent("expected-aggregates.json")
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: [String: Any]]
        let expected = try #require(all?[folder])
        let tally = try tally(folder)
        #expect(tally.refusals.isEmpty)
        #expect(tally.records == expected["records"] as? Int)
        #expect(tally.sources == expected["by_eventSource"] as? [String: Int])
        #expect(tally.errors == expected["by_errorCode"] as? [String: Int])
        #expect(tally.identities == expected["by_userIdentity_type"] as? [String: Int])
        #expect(tally.times.min()?.description == expected["eventTime_min"] as? String)
        #expect(tally.times.max()?.description == expected["eventTime_max"] as? String)
    }
}
