import Testing

import Statistics

@Suite struct SketchTests {
    @Test(arguments: [0, 1, 10, 100, 1000, 5000, 20_000, 50_000, 200_000, 1_000_000])
    func estimatesAreWithinFourStandardErrors(count: Int) {
        var sketch = HyperLogLog()
        for value in 0..<count {
            let hash = KeyedHash.fixed.hash(UInt64(value))
            sketch.insert(hash: hash)
            if value % 7 == 0 { sketch.insert(hash: hash) }
        }
        #expect(abs(Double(sketch.estimate) - Double(count)) <= 4 * HyperLogLog.standardError * Double(count) + 1)
    }

    @Test func estimatorsMergeToTheUnion() {
        var (left, right, both) = (HyperLogLog(), HyperLogLog(), HyperLogLog())
        for value in 0..<30_000 as Range<UInt64> {
            let hash = KeyedHash.fixed.hash(value)
            both.insert(hash: hash)
            if value < 20_000 { left.insert(hash: hash) }
            if value > 10_000 { right.insert(hash: hash) }
        }
        left.merge(right)
        #expect(left == both)
        #expect(HyperLogLog(registers: both.registers) == both)
        #expect(HyperLogLog(registers: [1, 2, 3]) == nil)
        #expect(HyperLogLog(registers: [UInt8](repeating: 200, count: HyperLogLog.registerCount)) == nil)
    }

    @Test(arguments: [1, 2, UInt64.random(in: 0 ... .max)])
    func quantilesAreWithinTheStatedErrorInAnyOrder(seed: UInt64) throws {
        print("seed \(seed)")
        var random = SeededGenerator(seed: seed)
        let values = (0..<5000).map { _ in
            Double(
                sign: Int.random(in: 0..<10, using: &random) == 0 ? .minus : .plus,
                exponent: Int.random(in: -10...10, using: &random),
                significand: Double.random(in: 1..<2, using: &random))
        }
        var whole = QuantileSketch()
        for value in values { whole.insert(value) }
        // A bucket is 1/256 of its values wide, and twice that after neighbours were joined.
        #expect(whole.joins == 1)
        let relativeError = 1.0 / 128
        let sorted = values.sorted()
        for quantile in stride(from: 0.0, through: 1, by: 0.01) {
            let exact = sorted[Int(Double(sorted.count - 1) * quantile)]
            let found = try #require(whole.value(at: quantile))
            #expect(abs(found - exact) <= exact.magnitude * relativeError)
        }
        var shuffled = QuantileSketch()
        for value in values.shuffled(using: &random) { shuffled.insert(value) }
        #expect(shuffled == whole)
        var (left, right) = (QuantileSketch(), QuantileSketch())
        for value in values[..<100] { left.insert(value) }
        for value in values[100...] { right.insert(value) }
        left.merge(right)
        #expect(left == whole)
        #expect(QuantileSketch(indexes: whole.indexes, counts: whole.counts, joins: whole.joins) == whole)
    }

    @Test func bucketsStayBoundedWhateverComes() throws {
        var random = SeededGenerator(seed: 5)
        var sketch = QuantileSketch()
        for _ in 0..<200_000 {
            sketch.insert(Double(bitPattern: random.next()))
        }
        for value in [0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude] {
            sketch.insert(value)
        }
        #expect(sketch.indexes.count <= QuantileSketch.bucketsMax && sketch.joins <= QuantileSketch.joinsMax)
        #expect(!sketch.insert(.nan) && !sketch.insert(.infinity))
        #expect(try #require(sketch.value(at: 0)) < -1e307)
        #expect(try #require(sketch.value(at: 1)) > 1e307)
        #expect(QuantileSketch().value(at: 0.5) == nil)
        #expect(QuantileSketch(indexes: [3, 3], counts: [1, 1], joins: 0) == nil)
        #expect(QuantileSketch(indexes: [.max], counts: [1], joins: 8) == nil)
        #expect(QuantileSketch(indexes: [1, 2], counts: [.max, 1], joins: 0) == nil)
    }

    @Test func numbersCompareByExactValue() throws {
        let ordered: [Number] = [
            .double(-1e300), .integer(.min), .double(-0.5), .integer(0), .double(0.5), .integer(1),
            .integer(9_007_199_254_740_992), .integer(9_007_199_254_740_993), .integer(.max), .double(0x1p63),
        ]
        for left in ordered.indices {
            for right in ordered.indices { #expect((ordered[left] < ordered[right]) == (left < right)) }
        }
        #expect(Number(3.0) == .integer(3) && Number(-0.0) == .integer(0) && Number(0x1p63) == .double(0x1p63))
        #expect(Number(.nan) == nil && Number(-.infinity) == nil)
    }

    @Test func hashesDependOnSeedLengthAndEveryByte() {
        let hash = KeyedHash(seed: 7)
        var seen: Set<UInt64> = []
        for count in 0..<200 {
            var bytes = [UInt8](repeating: 0, count: count)
            seen.insert(hash.hash(bytes.span.bytes))
            for place in 0..<count {
                bytes[place] = 1
                seen.insert(hash.hash(bytes.span.bytes))
                bytes[place] = 0
            }
        }
        #expect(seen.count == 200 + 199 * 200 / 2)
        #expect(hash.hash(UInt64(1)) == KeyedHash(seed: 7).hash(UInt64(1)))
        #expect(hash.hash(UInt64(1)) != KeyedHash(seed: 8).hash(UInt64(1)))
    }
}
