extension Ratio {
    public static let zero = Ratio(0, 1)
    public static let one = Ratio(1, 1)

    /// Reads a decimal number exactly as it was written: digits, at most one point, an optional sign and an optional
    /// exponent (`0.999`, `14.4`, `1e-3`).
    ///
    /// `nil` for anything else, and for a number that needs more than an `Int64` on either side of the fraction bar
    /// (about 18 digits).
    public init?(decimal text: some StringProtocol) {
        var bytes = Array(text.utf8)[...]
        var exponent = 0
        if let mark = bytes.firstIndex(where: { $0 == 0x65 || $0 == 0x45 }) {
            let text = String(decoding: bytes[(mark + 1)...], as: UTF8.self)
            guard let written = Int(text), written.magnitude <= 100 else { return nil }
            exponent = written
            bytes = bytes[..<mark]
        }
        let isNegative = bytes.first == 0x2D
        if isNegative || bytes.first == 0x2B { bytes = bytes.dropFirst() }
        if let point = bytes.firstIndex(of: 0x2E) {
            exponent -= bytes.endIndex - point - 1
            bytes = bytes[..<point] + bytes[(point + 1)...]
        }
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        // `0.50000000000000000000` is 5 × 10^-1 and fits.
        while bytes.last == 0x30 {
            bytes.removeLast()
            exponent += 1
        }
        let digits = String(decoding: bytes, as: UTF8.self)
        guard let magnitude = digits.isEmpty ? 0 : Int64(digits) else { return nil }
        if magnitude == 0 {
            self = .zero
            return
        }
        guard let power = Ratio.powerOfTen(Int(exponent.magnitude)) else { return nil }
        let signed = isNegative ? -magnitude : magnitude
        if exponent < 0 {
            self.init(signed, power)
        } else {
            let (whole, overflow) = signed.multipliedReportingOverflow(by: power)
            if overflow { return nil }
            self.init(whole, 1)
        }
    }

    /// A percentage as it was written: `99.9` is 999/1000.
    public init?(percent text: some StringProtocol) {
        guard let percentage = Ratio(decimal: text), let ratio = percentage.multiplied(by: Ratio(1, 100)) else {
            return nil
        }
        self = ratio
    }

    /// The decimal number: all its digits where it has at most 18 behind the point, as every ratio read from decimal text
    /// has, and else rounded after twelve (0.933333333333).
    public var decimal: String {
        let fraction = ExactFraction(Int128(numerator), Int128(denominator))
        let whole = fraction.decimal(fractionDigitsMax: 18)
        return Ratio(decimal: whole) == self ? whole : fraction.decimal(fractionDigitsMax: 12)
    }

    /// `nil` past 10^18, the largest that an `Int64` holds.
    private static func powerOfTen(_ exponent: Int) -> Int64? {
        guard exponent <= 18 else { return nil }
        return (0..<exponent).reduce(1) { power, _ in power * 10 }
    }
}
