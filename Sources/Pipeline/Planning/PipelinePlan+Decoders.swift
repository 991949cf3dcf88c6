import Decoding
import Settings

extension PipelinePlan {
    /// A decoder of whole messages for one input topic.
    func makeMessageDecoder(input: InputSettings, limits: DecodingLimits) -> MessageDecoder {
        MessageDecoder(
            format: input.format, projections: projections(cumulative: .refused), limits: limits,
            flowFields: input.flowFields)
    }

    /// A consumer that takes a partition over begins in the middle of every series, so that it can't know what to take a
    /// cumulative value from; a replay reads all from the beginning.
    private func projections(cumulative: MetricOptions.Cumulative) -> ProjectionSet {
        var projections = projections
        projections.metricOptions.cumulative = cumulative
        return projections
    }

    /// A decoder of files.
    func makeStreamDecoder(_ options: Replay.Options) -> StreamDecoder {
        StreamDecoder(
            format: options.format, projections: projections(cumulative: .differences), limits: options.limits,
            flowFields: options.flowFields)
    }
}
