import Statistics
import TestObjectives
import Testing

@testable import Objectives

/// What sums are beside whole numbers is kept by itself, and goes where its counts go.
@Suite struct LaterArrivalsTests {
    private static func counts(_ random: inout SeededGenerator, place: Int) -> LaterCounts {
        let hasRest = Int.random(in: 0..<4, using: &random) == 0
        return LaterCounts(
            slice: Int64(place), arrival: Int64(place + 1 + Int.random(in: 0..<3, using: &random)),
            lateness: Int64(Int.random(in: 0..<2, using: &random)),
            counts: SliceCounts(good: Int64.random(in: -9...9, using: &random), total: 9),
            rest: hasRest ? SliceFraction(good: Int128(place + 1), total: 7) : SliceFraction())
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>) func isWhatAListOfTheSameWouldBe(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var arrivals = LaterArrivals()
        var expected: [LaterCounts] = []
        for step in 0..<400 {
            let place = Int.random(in: 0...expected.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0 where !expected.isEmpty:
                let gone = place % expected.count
                #expect(arrivals.remove(at: gone) == expected.remove(at: gone))
            case 1:
                let remainder = Int64.random(in: 0..<5, using: &random)
                arrivals.removeAll { $0.slice % 5 == remainder && $0.lateness == 1 }
                expected.removeAll { $0.slice % 5 == remainder && $0.lateness == 1 }
            case 2 where !expected.isEmpty:
                let changed = place % expected.count
                let delta = SliceDelta(
                    start: at(0), good: 1, total: 2, fraction: SliceFraction(good: -Int128(changed + 1), total: -7))
                arrivals[changed].add(delta)
                expected[changed].add(delta)
            case 3:
                let part = arrivals.part(place..<expected.count)
                #expect(Array(part) == Array(expected[place...]))
                arrivals.removeAll { counts in expected[place...].contains { $0.slice == counts.slice } }
                expected.removeSubrange(place...)
                arrivals.insert(contentsOf: part, at: 0)
                expected.insert(contentsOf: part, at: 0)
            case 4:
                let counts = LaterArrivalsTests.counts(&random, place: step)
                arrivals.append(counts)
                expected.append(counts)
            default:
                let counts = LaterArrivalsTests.counts(&random, place: step)
                arrivals.insert(counts, at: place)
                expected.insert(counts, at: place)
            }
            #expect(Array(arrivals) == expected && arrivals.last == expected.last)
        }
        #expect(expected.contains { !$0.rest.isZero } && expected.contains { $0.rest.isZero })
        arrivals.removeAll { _ in true }
        #expect(arrivals == LaterArrivals(), "no rest is left")
    }
}
