/// What a decoder accepts at most, so that no input can take memory or time without bound.
///
/// What is over a limit is rejected with its reason, and the rest of the input goes on.
public struct DecodingLimits: Sendable, Equatable {
    /// Bytes that one compressed message may expand to, and that one document in a stream may have. Default 64 MiB.
    public var expandedBytesMax = 64 << 20
    /// Bytes of one record: a line, or an element of a list of records. Default 16 MiB.
    public var recordBytesMax = 16 << 20
    /// JSON objects and arrays inside each other. Default 128.
    public var nestingDepthMax = 128
    /// Envelopes and compressions inside each other. Default 4.
    public var envelopeDepthMax = 4

    public init() {}
}
