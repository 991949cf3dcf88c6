/// An estimate of how many distinct hashes were seen, in 16,384 bytes.
///
/// With m = 2¹⁴ registers the standard error is 1.04/√m = 0.81 %. The estimator is Ertl's improved raw estimator ("New
/// cardinality estimation algorithms for HyperLogLog sketches", 2017, algorithm 6), which needs no empirical bias
/// correction and no switch between ranges. Registers only ever grow to a maximum, so order and repetition do not
/// matter and merging is exact.
public struct HyperLogLog: Sendable, Equatable {
    /// log₂ of the number of registers.
    public static let precision = 14
    public static let registerCount = 1 << precision
    /// 1.04/√m.
    public static let standardError = 1.04 / 128

    public private(set) var registers: [UInt8]

    public init() {
        registers = [UInt8](repeating: 0, count: HyperLogLog.registerCount)
    }

    /// Registers as another sketch gave them; `nil` when there are not as many, or one is out of range.
    public init?(registers: [UInt8]) {
        let valueMax = UInt8(64 - HyperLogLog.precision + 1)
        guard registers.count == HyperLogLog.registerCount, registers.allSatisfy({ $0 <= valueMax }) else { return nil }
        self.registers = registers
    }

    /// Adds a value by its hash, all 64 bits of which must be well mixed.
    public mutating func insert(hash: UInt64) {
        let register = Int(hash >> (64 - UInt64(HyperLogLog.precision)))
        // The place of the first set bit in the rest; the guard bit bounds it when the rest is zero.
        let rest = hash << UInt64(HyperLogLog.precision) | 1 << UInt64(HyperLogLog.precision - 1)
        let value = UInt8(truncatingIfNeeded: rest.leadingZeroBitCount + 1)
        if value > registers[register] { registers[register] = value }
    }

    public mutating func merge(_ other: HyperLogLog) {
        for index in registers.indices where other.registers[index] > registers[index] {
            registers[index] = other.registers[index]
        }
    }

    /// The estimate, to the nearest whole number.
    public var estimate: UInt64 {
        let restBits = 64 - HyperLogLog.precision
        var histogram = [Int](repeating: 0, count: restBits + 2)
        for register in registers { histogram[Int(register)] += 1 }
        let count = Double(HyperLogLog.registerCount)
        var sum = count * HyperLogLog.tau(1 - Double(histogram[restBits + 1]) / count)
        for value in stride(from: restBits, through: 1, by: -1) {
            sum = 0.5 * (sum + Double(histogram[value]))
        }
        sum += count * HyperLogLog.sigma(Double(histogram[0]) / count)
        // All registers empty makes the sum infinite, and the estimate 0. 1/(2 ln 2) is the limit of the factor α.
        let estimate = 0.721_347_520_444_481_7 * count * count / sum
        return estimate < 0x1p63 ? UInt64(estimate.rounded()) : .max
    }

    private static func sigma(_ share: Double) -> Double {
        if share == 1 { return .infinity }
        var (power, weight, sum) = (share, 1.0, share)
        while true {
            power *= power
            let before = sum
            sum += power * weight
            weight += weight
            if sum == before { return sum }
        }
    }

    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var (root, weight, sum) = (share, 1.0, 1 - share)
        while true {
            root = root.squareRoot()
            let before = sum
            weight *= 0.5
            sum -= (1 - root) * (1 - root) * weight
            if sum == before { return sum / 3 }
        }
    }
}
