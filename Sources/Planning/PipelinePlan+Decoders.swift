import Decoding

extension PipelinePlan {
    /// A decoder of whole messages for one input topic.
    package func makeMessageDecoder(
        format: InputFormat, flowFields: FlowLogFieldList?, limits: DecodingLimits
    ) -> MessageDecoder {
        MessageDecoder(
            format: format, projections: projections(cumulative: .refused), limits: limits, flowFields: flowFields)
    }

    /// A decoder of files.
    package func makeStreamDecoder(
        format: InputFormat, flowFields: FlowLogFieldList?, limits: DecodingLimits
    ) -> StreamDecoder {
        StreamDecoder(
            format: format, projections: projections(cumulative: .differences), limits: limits, flowFields: flowFields)
    }

    /// A consumer that takes a partition over begins in the middle of every series, so that it can't know what to take a
    /// cumulative value from; a replay reads all from the beginning.
    private func projections(cumulative: MetricOptions.Cumulative) -> ProjectionSet {
        var projections = projections
        projections.metricOptions.cumulative = cumulative
        return projections
    }
}
