import TelemetryModel

/// What a point says of how much there was.
struct MetricAmounts {
    var sum: Double?
    var count: Double?
    var min: Double?
    var max: Double?
}

extension MetricRows {
    /// Whether a metric is declared a counter, where its format leaves it open.
    func isDeclaredCounter(_ name: Range<Int>, in message: RawSpan) -> Bool {
        !options.counters.isEmpty && isCounter(SeriesKey(.metric, name, of: message))
    }

    /// Sets the amounts of the row begun, as they came.
    mutating func set(_ amounts: MetricAmounts) {
        set(slots.sum, amounts.sum.map(FieldValue.double) ?? .absent)
        set(slots.count, amounts.count.map(FieldValue.double) ?? .absent)
        set(slots.min, amounts.min.map(FieldValue.double) ?? .absent)
        set(slots.max, amounts.max.map(FieldValue.double) ?? .absent)
    }

    /// Sets the amounts of the row begun, of a cumulative metric, as `options` say.
    ///
    /// Of a counter, a histogram or a summary only what was added means something; `point.isMonotonic` is `false` for a
    /// value that goes up and down, whose level stays as minimum and maximum. The row must be committed after: its series has
    /// moved on.
    mutating func set(
        _ amounts: MetricAmounts, of point: CumulativePoint, named name: Range<Int>, in message: RawSpan,
        to consumer: inout some EventConsumer & ~Copyable
    ) {
        if options.cumulative == .asDelivered { return set(amounts) }
        var result = MetricAmounts()
        if !point.isMonotonic { (result.min, result.max) = (amounts.min, amounts.max) }
        var outcome: CumulativeOutcome? = .refused
        if options.cumulative == .differences {
            let (added, told) = advance(point)
            outcome = told
            result.sum = added.sum
            // A number represents one observation, whatever it has counted.
            result.count = point.count == nil ? added.sum.map { _ in 1 } : added.count
        }
        set(result)
        if let outcome { consumer.note(outcome, metric: message.extracting(name)) }
    }

    mutating func set(kind: StaticString) { set(slots.kind, kind) }

    mutating func set(isCumulative: Bool) { set(slots.temporality, isCumulative ? "cumulative" : "delta") }

    private mutating func set(_ slot: Int?, _ word: StaticString) {
        guard let slot else { return }
        set(slot, place(word))
    }
}
