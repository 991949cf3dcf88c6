import Alerting
import TelemetryModel
import Testing

@testable import Sinks

/// Whatever happens in whatever order: every incident is opened once and closed once.
@Suite struct DeliveryPropertyTests {
    @Test(arguments: [1, 4])
    func eachIncidentIsOpenedOnceAndClosedOnce(inFlight: Int) {
        var limits = DeliveryLimits()
        limits.inFlightMax = inFlight
        limits.waitingMax = 12
        limits.maxAgeNanoseconds = .max
        var awakened = 0
        for seed in UInt64(0)..<100 {
            var world = DeliveryWorld(seed: seed, limits: limits)
            world.run(steps: 500)
            let expected = world.expected.mapValues { $0.map(WordSink.word) }
            // By alert, each word once for all the times that it came in a row.
            var seen: [String: [String]] = [:]
            var repeats = 0
            for word in world.seen {
                let key = word.split(separator: " ")[1]
                if seen[String(key)]?.last == word { repeats += 1 } else { seen[String(key), default: []].append(word) }
            }
            for (key, words) in expected {
                let name = key.text.split(separator: "/").dropLast().joined(separator: "/")
                #expect(seen[name] == words, "seed \(seed), \(name)")
            }
            #expect(seen.count == expected.count, "seed \(seed)")
            #expect(repeats <= world.crashes * inFlight + world.lostAnswers, "seed \(seed)")
            #expect(world.inFlightMax <= inFlight + world.crashes, "seed \(seed)")
            #expect(world.postsOfTheDead == 0, "seed \(seed)")
            awakened += world.awakened
        }
        #expect(awakened > 50)
    }
}
