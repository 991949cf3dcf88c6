/// Numbers as they stand in sentences for people, who compare them at a glance: three significant digits.
/// The exact ones are beside the sentence, among an alert's details.
public enum SentenceNumber {
    public static let significantDigits = 3

    /// A decimal number such as `28.8125` with three significant digits, `28.8`; half away from zero. What is none stays as it is.
    public static func rounded(_ decimal: String) -> String {
        guard let number = DecimalDigits(decimal) else { return decimal }
        return number.rounded(to: significantDigits).text
    }

    public static func rounded(_ value: Double) -> String { rounded("\(value)") }

    /// As `rounded`, with as many digits more as it takes to tell it from another number: `14.41` is above `14.4`.
    public static func rounded(_ decimal: String, apartFrom other: String?) -> String {
        guard let number = DecimalDigits(decimal) else { return decimal }
        return number.rounded(to: digits(of: number, apartFrom: other)).text
    }

    /// A share from 0 to 1 as a percentage, `97.5 %`, told from another share as `rounded` is.
    public static func percent(_ share: String, apartFrom other: String? = nil) -> String {
        guard let number = DecimalDigits(share) else { return share }
        return number.rounded(to: digits(of: number, apartFrom: other)).hundredfold.text + " %"
    }

    /// An exact count in groups of three digits.
    public static func whole(_ count: Int128) -> String {
        (count < 0 ? "-" : "") + DecimalDigits.grouped("\(count.magnitude)")
    }

    /// `1 record`, `2 records`.
    ///
    /// - Parameter noun: one whose plural has an s.
    public static func counted(_ count: some BinaryInteger, _ noun: String) -> String {
        "\(whole(Int128(count))) \(noun)\(count == 1 ? "" : "s")"
    }

    private static func digits(of number: DecimalDigits, apartFrom other: String?) -> Int {
        guard let other = other.flatMap({ DecimalDigits($0) }), other != number else { return significantDigits }
        let longest = max(significantDigits, number.digits.count)
        return (significantDigits...longest).first { number.rounded(to: $0) != other.rounded(to: $0) } ?? longest
    }
}

/// A decimal number as its digits: 0.`digits` × 10^`exponent`, without zeros in front or behind; no digit for 0.
private struct DecimalDigits: Equatable {
    var isNegative = false
    var digits: [UInt8] = []
    var exponent = 0

    /// Beyond these exponents numbers are written as `1.23e300`.
    private static let plainExponents = -5...15

    /// Reads JSON's grammar of a number, and leading zeros; `nil` for anything else.
    init?(_ text: String) {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") {
            isNegative = true
            rest.removeFirst()
        }
        func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
        let whole = rest.prefix(while: isDigit)
        rest = rest.dropFirst(whole.count)
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard !whole.isEmpty else { return nil }
        var power = 0
        if let mark = rest.first {
            guard mark == UInt8(ascii: "e") || mark == UInt8(ascii: "E"), let read = Int(Substring(rest.dropFirst())),
                (-9999...9999).contains(read)
            else { return nil }
            power = read
        }
        let all = Array(whole) + Array(fraction)
        let zeros = all.prefix { $0 == 0x30 }.count
        digits = all.dropFirst(zeros).map { $0 - 0x30 }
        exponent = whole.count - zeros + power
        trim()
    }

    /// Half away from zero.
    func rounded(to count: Int) -> DecimalDigits {
        guard digits.count > count else { return self }
        var result = self
        let isUp = digits[count] >= 5
        result.digits = Array(digits.prefix(count))
        if isUp {
            var place = count - 1
            while place >= 0, result.digits[place] == 9 {
                result.digits[place] = 0
                place -= 1
            }
            if place >= 0 {
                result.digits[place] += 1
            } else {
                result.digits = [1]
                result.exponent += 1
            }
        }
        result.trim()
        return result
    }

    var hundredfold: DecimalDigits {
        var result = self
        if !digits.isEmpty { result.exponent += 2 }
        return result
    }

    private mutating func trim() {
        while digits.last == 0 { digits.removeLast() }
        if digits.isEmpty { (isNegative, exponent) = (false, 0) }
    }

    /// Whole numbers in groups of three from 1,000 on.
    var text: String {
        if digits.isEmpty { return "0" }
        let sign = isNegative ? "-" : ""
        func shown(_ digits: some Sequence<UInt8>) -> String {
            String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
        }
        guard DecimalDigits.plainExponents.contains(exponent) || digits.count > 3 && exponent > 0 else {
            let fraction = digits.count > 1 ? "." + shown(digits.dropFirst()) : ""
            return "\(sign)\(digits[0])\(fraction)e\(exponent - 1)"
        }
        if exponent <= 0 { return "\(sign)0." + String(repeating: "0", count: -exponent) + shown(digits) }
        let zeros = [UInt8](repeating: 0, count: max(0, exponent - digits.count))
        let whole = shown(digits.prefix(exponent) + zeros)
        let fraction = digits.count > exponent ? "." + shown(digits.dropFirst(exponent)) : ""
        return sign + DecimalDigits.grouped(whole) + fraction
    }

    static func grouped(_ whole: String) -> String {
        var result = ""
        for (place, digit) in whole.enumerated() {
            if place > 0, (whole.count - place) % 3 == 0 { result += "," }
            result.append(digit)
        }
        return result
    }
}
