import Decoding
import Settings

extension PipelinePlan {
    /// A decoder of whole messages for one input topic.
    func makeMessageDecoder(input: InputSettings, limits: DecodingLimits) -> MessageDecoder {
        MessageDecoder(format: input.format, projections: projections, limits: limits, flowFields: input.flowFields)
    }

    /// A decoder of files.
    func makeStreamDecoder(_ options: Replay.Options) -> StreamDecoder {
        StreamDecoder(
            format: options.format, projections: projections, limits: options.limits, flowFields: options.flowFields)
    }
}
