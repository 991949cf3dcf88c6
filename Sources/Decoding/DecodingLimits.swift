/// What one message may cost, so that no input, however made, takes more memory or stack than this.
public struct DecodingLimits: Sendable, Equatable {
    /// Bytes that one message may expand to, all its layers of compression and encoding together. Default 64 MiB.
    public var expandedBytesMax: Int
    /// Arrays and objects (or protobuf messages) inside one another, from 1 to `nestingCeiling`. Default 128: CloudTrail
    /// events reach 15 or so. What lies outside the range counts as its nearest end.
    public var nestingMax: Int
    /// Bytes of one record. Default 16 MiB, above what Kafka brokers take by default (1 MiB) and CloudTrail ever writes.
    public var recordBytesMax: Int

    /// The deepest nesting that can be asked for: one bit for each level, held in a value of fixed size.
    public static let nestingCeiling = 1024

    /// The limit of a record, and how to raise it, for the words of a rejection.
    var recordBytesText: String {
        "\(recordBytesMax) bytes (--record-bytes-max, or decoding.recordBytesMax in the settings)"
    }

    /// The same for what a message expands to.
    var expandedBytesText: String {
        "\(expandedBytesMax) bytes (--expanded-bytes-max, or decoding.expandedBytesMax in the settings)"
    }

    public init(
        expandedBytesMax: Int = 64 << 20, nestingMax: Int = 128, recordBytesMax: Int = 16 << 20
    ) {
        self.expandedBytesMax = expandedBytesMax
        self.nestingMax = nestingMax
        self.recordBytesMax = recordBytesMax
    }
}
