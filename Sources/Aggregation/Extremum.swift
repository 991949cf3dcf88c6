import Statistics

/// A minimum or maximum in a cell: one word, and two flags that say whether and what it is.
enum Extremum {
    @inline(__always)
    static func read(_ word: UInt64, _ flags: UInt64, _ step: MeasureStep) -> Number? {
        if flags & step.hasValue == 0 { return nil }
        return flags & step.isInteger != 0 ? .integer(Int64(bitPattern: word)) : .double(Double(bitPattern: word))
    }

    @unsafe @inline(__always)
    static func update(
        _ word: UnsafeMutablePointer<UInt64>, _ flags: UnsafeMutablePointer<UInt64>, _ step: MeasureStep,
        _ number: Number
    ) {
        if let current = unsafe read(word[0], flags[0], step) {
            if step.operation == .min ? current <= number : current >= number { return }
        }
        switch number {
        case .integer(let value):
            unsafe word[0] = UInt64(bitPattern: value)
            unsafe flags[0] |= step.hasValue | step.isInteger
        case .double(let value):
            unsafe word[0] = value.bitPattern
            unsafe flags[0] = flags[0] & ~step.isInteger | step.hasValue
        }
    }
}
