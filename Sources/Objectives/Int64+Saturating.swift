extension Int64 {
    /// The sum, held at the limit where it leaves 64 bits: counts come from outside, and a metric may claim any number. A
    /// slice that is held there is inconsistent, and in no sum.
    func saturatingAdding(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? .max : .min) : sum
    }

    /// The difference, held at the limit where it leaves 64 bits.
    func saturatingSubtracting(_ other: Int64) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(other)
        return overflow ? (other < 0 ? .max : .min) : difference
    }
}
