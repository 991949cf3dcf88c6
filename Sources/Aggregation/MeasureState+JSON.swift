import JSON
import Statistics
import TelemetryModel
import Text

extension MeasureState {
    /// Writes the state so that `init(reading:)` gives back the same, bit by bit:
    ///
    /// - a count is a whole number: `12`
    /// - a sum is `{"sum":S}`: `null` before the first value; a whole number; `[F,"H"]` for F + H·2⁻⁹⁶, where F is the
    ///   whole number below and H is 24 hexadecimal digits; `"overflow"`
    /// - a minimum or maximum is `{"extremum":N}`: `null` before the first value; a whole number without fraction or
    ///   exponent; any other number with one of them
    /// - distinct values are `{"distinct":[…]}` in the order of their bytes: a whole number from 0 to 999,999,999 for the
    ///   text that spells it, else a string, else, for what is not UTF-8, `{"base64":"…"}`
    /// - an estimate of distinct values is `{"registers":"…"}`: the HyperLogLog's 16,384 registers in base64, six bits
    ///   each, which is one character a register
    /// - values for quantiles are `{"joins":J,"steps":[…],"counts":[…]}`: how often buckets were joined, each bucket's
    ///   index less the one before it (the first less 0), and how many values each holds
    public func write(to json: inout JSONWriter) {
        if case .count(let count) = self { return json.integer(count) }
        json.beginObject()
        switch self {
        case .count:
            break
        case .sum(let sum):
            json.key("sum")
            if let sum { sum.write(to: &json) } else { json.null() }
        case .extremum(let number):
            json.key("extremum")
            switch number {
            case nil: json.null()
            case .integer(let value): json.integer(value)
            case .double(let value): json.double(value)
            }
        case .distinct(.exact(let values)):
            json.key("distinct")
            json.beginArray()
            for value in values { DistinctValueText.write(value, to: &json) }
            json.endArray()
        case .distinct(.estimate(let sketch)):
            json.key("registers")
            json.raw([0x22] + Base64.digits(ofSixBits: sketch.registers) + [0x22])
        case .quantile(let sketch):
            sketch.write(to: &json)
        }
        json.endObject()
    }

    public init(reading json: inout JSONCursor) throws(JSONCursorError) {
        if try json.kind() == .number {
            self = .count(try json.integer())
            return
        }
        try json.beginObject()
        guard let key = try json.nextKey() else { throw json.refusal("a measure's state") }
        switch key {
        case "sum":
            self = .sum(try json.takeNull() ? nil : try ExactSum(reading: &json))
        case "extremum":
            if try json.takeNull() {
                self = .extremum(nil)
            } else {
                let number = try json.number()
                self = .extremum(number.whole.map { .integer($0) } ?? .double(number.double))
            }
        case "distinct":
            self = .distinct(.exact(try DistinctValueText.readAll(&json)))
        case "registers":
            guard let registers = Base64.sixBits(ofDigits: try json.string().utf8),
                let sketch = HyperLogLog(registers: registers)
            else { throw json.refusal("\(HyperLogLog.registerCount) registers in base64") }
            self = .distinct(.estimate(sketch))
        case "joins":
            self = .quantile(try QuantileSketch(readingAfterFirstKey: &json))
        default:
            throw json.refusal("a measure's state")
        }
        try json.endObject()
    }
}

extension ExactSum {
    fileprivate func write(to json: inout JSONWriter) {
        if isOverflowed { return json.string("overflow") }
        if let whole = integerValue { return json.integer(whole) }
        let (low, middle, high) = words
        json.beginArray()
        json.integer(Int128(Int64(bitPattern: high)) << 32 | Int128(middle >> 32))
        json.string(ExactSum.hexadecimal(middle & 0xFFFF_FFFF, digits: 8) + ExactSum.hexadecimal(low, digits: 16))
        json.endArray()
    }

    fileprivate init(reading json: inout JSONCursor) throws(JSONCursorError) {
        switch try json.kind() {
        case .string:
            guard try json.string() == "overflow" else { throw json.refusal("a sum") }
            self.init(words: 0, 0, UInt64(bitPattern: .min))
        case .array:
            try json.beginArray()
            guard try json.nextElement() else { throw json.refusal("a sum's whole part") }
            let floor = try ExactSum.floor(&json)
            guard try json.nextElement() else { throw json.refusal("a sum's fraction") }
            let text = try json.string()
            guard text.utf8.count == 24, let fraction = UInt128(text, radix: 16), !text.hasPrefix("+") else {
                throw json.refusal("24 hexadecimal digits")
            }
            try json.endArray()
            self.init(floor: floor, fraction: fraction)
        default:
            self.init(floor: try ExactSum.floor(&json), fraction: 0)
        }
    }

    /// A whole part in range: 96 bits, of which the least value marks an overflow.
    private static func floor(_ json: inout JSONCursor) throws(JSONCursorError) -> Int128 {
        let value: Int128 = try json.integer()
        guard value >= -(1 << 95) + (1 << 32), value < 1 << 95 else { throw json.refusal("a sum below 2⁹⁵") }
        return value
    }

    private init(floor: Int128, fraction: UInt128) {
        self.init(
            words: UInt64(truncatingIfNeeded: fraction),
            UInt64(truncatingIfNeeded: floor) << 32 | UInt64(truncatingIfNeeded: fraction >> 64),
            UInt64(truncatingIfNeeded: floor >> 32))
    }

    private static func hexadecimal(_ value: UInt64, digits: Int) -> String {
        let text = String(value, radix: 16)
        return String(repeating: "0", count: digits - text.utf8.count) + text
    }
}

extension QuantileSketch {
    fileprivate func write(to json: inout JSONWriter) {
        json.member("joins", joins)
        json.key("steps")
        json.beginArray()
        var last: Int32 = 0
        for index in indexes {
            json.integer(Int64(index) - Int64(last))
            last = index
        }
        json.endArray()
        json.key("counts")
        json.beginArray()
        for count in counts { json.integer(count) }
        json.endArray()
    }

    fileprivate init(readingAfterFirstKey json: inout JSONCursor) throws(JSONCursorError) {
        let joins: Int = try json.integer()
        try json.requireKey("steps")
        var steps: [Int64] = []
        try json.integers(into: &steps)
        try json.requireKey("counts")
        var counts: [UInt64] = []
        try json.beginArray()
        while try json.nextElement() { counts.append(try json.integer()) }
        var indexes: [Int32] = []
        var last: Int64 = 0
        for step in steps {
            let (sum, overflow) = last.addingReportingOverflow(step)
            guard !overflow, let index = Int32(exactly: sum) else { throw json.refusal("a bucket's index") }
            indexes.append(index)
            last = sum
        }
        guard let sketch = QuantileSketch(indexes: indexes, counts: counts, joins: joins) else {
            throw json.refusal("the buckets of a quantile sketch")
        }
        self = sketch
    }
}
