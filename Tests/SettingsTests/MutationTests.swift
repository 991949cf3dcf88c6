import Foundation
import Settings
import Sinks
import Statistics
import TestSupport
import Testing

/// Seeded mutations of sound and of broken files: whatever comes in, loading ends, does not trap, and says something
/// about every file that it does not take.
@Suite struct MutationTests {

    private static let pieces = [
        "---\n", "\n", ": ", "- ", "? ", "[", "]", "{", "}", "&a ", "*a", "*a : ", "!!str ", "!x ", "|\n", ">-\n", "'",
        "\"",
        "#", "%YAML 1.1\n", "...\n", "<<: ", "null", "~", "\u{1}", "\u{FEFF}", "\u{2028}", "\\", "${", "${A}", "$${",
        "\t", "\r\n",
        "99999999999999999999", "-1", "1e999", "0x10", "1M", "5m", "é", "🙂", "spec", "kind: SLO\n", "kind: Rollup\n",
        "{value}",
        "event.", "&& ", "((((", "\u{F8FE}",
    ]

    private static let seeds: [String] = [
        TenMistakesTests.text, slo(), rollup(),
        thresholdSLO(source: "{type: Metric, spec: {namespace: a, metricName: b, statistic: p99}}"),
        slo(method: "Timeslices", objective: "{target: 0.9, timeSliceTarget: 0.9, timeSliceWindow: 1m}"),
        """
        apiVersion: tidewatch/v1
        kind: Settings
        metadata: {name: s}
        spec:
          kafka: {bootstrapServers: "a:9092,b:9093", options: {x: 1}, security: {protocol: ssl}}
          inputs: [{topic: t, format: vpc-flow, flowFields: version srcaddr}]
          aggregation: {allowedLateness: 5m, lateHorizon: 3d}
          resources: ["${A}", nowhere]
        """,
    ]

    private func mutated(_ text: String, _ random: inout SeededGenerator) -> String {
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...6, using: &random) {
            let place = Int.random(in: 0...scalars.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                scalars.insert(
                    contentsOf: MutationTests.pieces.randomElement(using: &random)!.unicodeScalars, at: place)
            case 1:
                let end = min(scalars.count, place + Int.random(in: 0...20, using: &random))
                scalars.removeSubrange(place..<end)
            case 2:
                let end = min(scalars.count, place + Int.random(in: 0...60, using: &random))
                scalars.insert(contentsOf: scalars[place..<end], at: Int.random(in: 0...scalars.count, using: &random))
            case 3 where place < scalars.count:
                scalars[place] = Unicode.Scalar(UInt8.random(in: 0...127, using: &random))
            case 4 where place < scalars.count:
                scalars[place] = MutationTests.pieces.randomElement(using: &random)!.unicodeScalars.first!
            default:
                scalars.removeSubrange(place...)
                scalars += MutationTests.seeds.randomElement(using: &random)!.unicodeScalars.suffix(
                    Int.random(in: 0...200, using: &random))
            }
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars)
        return String(text)
    }

    @Test func mutatedFilesNeverTrapAndAreTakenOrRefused() throws {
        let rounds = Int(ProcessInfo.processInfo.environment["TIDEWATCH_FUZZ_ROUNDS"] ?? "") ?? 2000
        let seed: UInt64 = UInt64(ProcessInfo.processInfo.environment["TIDEWATCH_FUZZ_SEED"] ?? "") ?? 20_261_121
        print("mutation seed \(seed), \(rounds) rounds")
        var random = SeededGenerator(seed: seed)
        var refused = 0
        let folder = try TemporaryFolder()
        for _ in 0..<rounds {
            let text = mutated(MutationTests.seeds.randomElement(using: &random)!, &random)
            let loaded = ResourceLoader.load(text: text, file: "m.yaml")
            #expect(
                !loaded.problems.isEmpty || !loaded.resources.isEmpty || text.contains("kind"), "seed \(seed): \(text)")
            for problem in loaded.problems
            where problem.line < 1 || problem.column < 1 || problem.description.contains("\n") {
                Issue.record("seed \(seed): \(problem) of \(text)")
            }
            if !loaded.problems.isEmpty { refused += 1 }
        }
        // Settings go through files.
        for _ in 0..<rounds / 20 {
            let file = try folder.write(mutated(MutationTests.seeds.last!, &random), to: "s.yaml")
            let loaded = SettingsLoader(sinks: SinkKinds.all).load(file: file, environment: ["A": "/nowhere"])
            #expect(loaded.settings != nil || !loaded.problems.isEmpty)
        }
        #expect(refused > rounds / 2)
    }
}
