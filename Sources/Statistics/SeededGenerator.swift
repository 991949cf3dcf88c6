/// SplitMix64: a small generator whose whole state is its seed, so that a run can be repeated from one number.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014. Not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    @usableFromInline var state: UInt64

    @inlinable public init(seed: UInt64) {
        state = seed
    }

    @inlinable public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in `0..<bound`; `bound` is above 0. The bias of the multiplication is below `bound / 2⁶⁴`.
    @inlinable public mutating func below(_ bound: Int) -> Int {
        Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// Uniform in 0..<1.
    @inlinable public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    @inlinable public mutating func chance(_ probability: Double) -> Bool {
        unit() < probability
    }

    @inlinable public mutating func pick<Element>(_ choices: [Element]) -> Element {
        choices[below(choices.count)]
    }

    /// Roughly normal with mean 0 and deviation 1: the sum of twelve uniforms, less six (Irwin–Hall).
    @inlinable public mutating func normal() -> Double {
        var sum = -6.0
        for _ in 0..<12 { sum += unit() }
        return sum
    }

    /// An independent stream, for a part of the work that must not shift when another part draws more numbers.
    @inlinable public mutating func split() -> SeededGenerator {
        SeededGenerator(seed: next())
    }
}
