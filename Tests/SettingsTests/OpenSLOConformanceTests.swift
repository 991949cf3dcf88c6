import Foundation
import Settings
import Testing

private let conformanceData = ProcessInfo.processInfo.environment["TIDEWATCH_CONFORMANCE_DATA"]

/// Every published OpenSLO example loads, or is refused for reasons that hold.
@Suite struct OpenSLOConformanceTests {
    // The examples are public data that is not part of this repository; without them there is nothing to load.
    @Test(
        .enabled(
            if: conformanceData != nil,
            "skipped: TIDEWATCH_CONFORMANCE_DATA does not name a folder of public data sets"))
    func everyExampleLoadsOrIsRefusedForWhatThisVersionDoesNotDo() throws {
        let folder = try #require(conformanceData) + "/slo"
        let names = (FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") || $0.hasSuffix(".json") }.sorted()
        #expect(names.count >= 20)
        let sound: Set = [
            "go-sdk/decode/single_object.yaml", "go-sdk/decode/sequence_of_objects.yaml",
            "go-sdk/decode/two_documents.yaml", "go-sdk/decode/single_object.json",
            "go-sdk/decode/sequence_of_objects.json",
        ]
        // Other versions and other metric sources, what refers to resources that its file lacks, and what this version
        // says that it does not support.
        let reasons = [
            "is not supported; ", "is none of: CloudTrail, VPCFlow, Metric", "not supported by this version",
            "there is no ", "there is another ", "would fire while the budget burns slowly",
            "\"timeWindow\" is missing",
            "\"op\" has no meaning for a ratioMetric", "nothing is sent to the target ",
        ]
        for name in names {
            let found = ResourceLoader.load(paths: ["\(folder)/\(name)"]).problems.filter { !$0.isWarning }
            #expect(found.isEmpty == sound.contains(name), "\(name): \(found)")
            for problem in found {
                #expect(reasons.contains { problem.description.contains($0) }, "\(problem)")
                #expect(
                    problem.line > 1 || problem.path == "apiVersion" || problem.path == "[0].apiVersion", "\(problem)")
            }
        }
    }
}
