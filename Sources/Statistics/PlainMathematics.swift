/// Functions of doubles out of the operations that IEEE 754 rounds the same on every machine.
///
/// Only for what has to come out the same everywhere: the C library is faster.
enum PlainMathematics {
    private static let logarithmOf2 = 0.693147180559945309417232121458

    /// The natural logarithm of a finite number above 0, to the last bits.
    static func logarithm(_ value: Double) -> Double {
        var (significand, exponent) = (value.significand, Double(value.exponent))
        if significand > 1.4142135623730951 {
            significand /= 2
            exponent += 1
        }
        // 2 artanh(z), |z| < 0.1716: the last term that counts is z^21.
        let z = (significand - 1) / (significand + 1)
        let square = z * z
        var (power, sum) = (z, z)
        for divisor in stride(from: 3.0, through: 23, by: 2) {
            power *= square
            sum += power / divisor
        }
        return exponent * logarithmOf2 + 2 * sum
    }

    /// e^value; infinite above 709.
    static func exponential(_ value: Double) -> Double {
        if value > 709 { return .infinity }
        if value < -745 { return 0 }
        let exponent = (value / logarithmOf2).rounded()
        let rest = value - exponent * logarithmOf2
        // |rest| < 0.35: rest^18/18! is below 10^-24.
        var (term, sum) = (1.0, 1.0)
        for index in 1...18 {
            term *= rest / Double(index)
            sum += term
        }
        return Double(sign: .plus, exponent: Int(exponent), significand: sum)
    }

    /// x ln(x/mean) + mean - x, where difference is x - mean: Loader's `bd0`. Near the mean, where the terms would cancel, by its series.
    static func deviance(_ x: Double, from mean: Double, difference: Double) -> Double {
        guard abs(difference) < 0.1 * (x + mean) else { return x * logarithm(x / mean) - difference }
        let ratio = difference / (x + mean)
        let square = ratio * ratio
        var sum = difference * ratio
        var term = 2 * x * ratio
        var divisor = 3.0
        while true {
            term *= square
            let next = sum + term / divisor
            if next == sum { return sum }
            sum = next
            divisor += 2
        }
    }

    /// ln n! - ln(sqrt(2πn) (n/e)^n) for a whole n of 1 or more: Loader's `stirlerr`.
    static func stirlingError(_ n: Double) -> Double {
        if n <= 15 {
            var factorial = 1.0
            for factor in stride(from: 2.0, through: n, by: 1) { factorial *= factor }
            return logarithm(factorial) - (n + 0.5) * logarithm(n) + n - logarithm(2 * Double.pi) / 2
        }
        let square = n * n
        // B(2k) / (2k (2k - 1)), to n^-11.
        var sum = 691.0 / 360_360
        for coefficient in [1.0 / 1188, 1.0 / 1680, 1.0 / 1260, 1.0 / 360, 1.0 / 12] {
            sum = coefficient - sum / square
        }
        return sum / n
    }

    /// Q(w)/φ(w), the upper tail of the normal distribution by its density, for w of 1 or more: Laplace's continued fraction.
    static func millsRatio(_ w: Double) -> Double {
        var denominator = w
        for index in stride(from: 400.0, through: 1, by: -1) { denominator = w + index / denominator }
        return 1 / denominator
    }
}
