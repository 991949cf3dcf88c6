import TelemetryModel

/// Decodes CloudWatch metric streams in their JSON output format: an object for each metric and timestamp, on lines of their
/// own, one after another, or in arrays.
///
/// A record needs `namespace`, `metric_name`, `timestamp` (milliseconds since the epoch) and `value` with finite `max`,
/// `min`, `sum` and `count`. Additional statistics stand beside those four in `value`; here percentiles (`p99`, `p99.9`)
/// become `value.quantiles`, and the others (`tm90`, `IQM`, `PR(:300)`) `value.statistics`, so that the event is the same
/// whatever format it came in. `metric_stream_name` is ignored. Of a key that an object repeats, the last counts.
///
/// Uses one thread; keeps its memory from message to message.
public struct MetricStreamJSONDecoder: ~Copyable {
    var sourceTimes: SourceTimes {
        get { records.sourceTimes }
        set { records.sourceTimes = newValue }
    }

    private var records: JSONRecordDecoder<MetricStreamJSONFormat>

    /// `projection` is of kind `metric`.
    public init(projection: Projection, limits: DecodingLimits = DecodingLimits()) {
        records = JSONRecordDecoder(projection: projection, limits: limits)
    }

    /// Decodes a message whose first record has the index `firstRecord`. Returns how many records there were, decoded and
    /// rejected together.
    public mutating func decode(
        _ payload: RawSpan, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        records.decode(payload, firstRecord: firstRecord, to: &consumer)
    }
}
