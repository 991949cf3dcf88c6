import Text

/// Where a decoder puts what it made of a message.
///
/// Calls come in the order of the records, on the decoder's thread. Nothing borrowed may outlive its call.
public protocol EventConsumer: ~Copyable {
    /// Takes rows whose places point into `payload`: the message itself, or what was unwrapped from it.
    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan)

    /// Takes a record that could not be decoded.
    mutating func reject(_ rejection: borrowing Rejection)

    /// Takes word of a point of a cumulative metric whose event, handed over with the others, holds no amounts. `metric` is
    /// the metric's name. Does nothing unless a consumer has a use for it.
    mutating func note(_ outcome: CumulativeOutcome, metric: RawSpan)

    /// False once nothing more is wanted of what is being decoded: the decoder returns as soon as it asks, between records.
    var wantsMore: Bool { get }

    /// Whether the sentences of rejections are read by anybody; where they are not, a decoder need not make them.
    var wantsDetails: Bool { get }
}

extension EventConsumer where Self: ~Copyable {
    public var wantsMore: Bool { true }
    public var wantsDetails: Bool { true }
    public mutating func note(_ outcome: CumulativeOutcome, metric: RawSpan) {}
}

/// A record that could not be decoded: why, where, and its original bytes.
public struct Rejection: ~Escapable {
    public let reason: RejectionReason
    /// What was wrong, without any of the payload: "expected ':' after a key". At most `detailBytesMax` bytes, because it
    /// travels in a header beside the record.
    public let detail: String
    /// Zero-based index of the record within its source.
    public let recordIndex: Int
    /// Offset in bytes of the fault, from the start of `original`.
    public let byteOffset: Int
    /// The record's bytes as they came.
    public let original: RawSpan

    /// Which part of the record `original` is.
    public let part: Part

    /// What is too large to be held comes in parts right after one another, with nothing between them. The last one's detail is
    /// the record's; all but the last hold a multiple of three bytes, so that their base64 joins.
    public enum Part: Sendable {
        case whole, first, middle, last

        /// Whether a record begins with it: it counts once, there.
        public var beginsRecord: Bool { self == .whole || self == .first }
    }

    /// Of a detail in UTF-8: sentences are shorter, so what is longer holds something from outside.
    public static let detailBytesMax = 512

    @_lifetime(copy original)
    public init(
        reason: RejectionReason, detail: String, recordIndex: Int, byteOffset: Int, original: RawSpan,
        part: Part = .whole
    ) {
        self.reason = reason
        self.detail = ShortText.cut(detail, bytesMax: Rejection.detailBytesMax)
        self.recordIndex = recordIndex
        self.byteOffset = byteOffset
        self.original = original
        self.part = part
    }
}

/// Why a record went to the dead letter. Raw values are the published codes: add freely, rename never.
public enum RejectionReason: String, CaseIterable, Sendable {
    /// No known format fits the bytes.
    case unknownFormat = "unknown_format"
    /// The bytes are not valid JSON.
    case invalidJSON = "invalid_json"
    /// Text is not valid UTF-8.
    case invalidUTF8 = "invalid_utf8"
    /// A protobuf message is malformed.
    case invalidProtobuf = "invalid_protobuf"
    /// gzip, snappy or base64 is malformed or cut off.
    case invalidCompression = "invalid_compression"
    /// Nesting is deeper than the limit.
    case nestingTooDeep = "nesting_too_deep"
    /// A record or what it expands to is larger than the limit.
    case tooLarge = "too_large"
    /// A field without which the event has no meaning is missing.
    case missingField = "missing_field"
    /// A field has a value of the wrong type or form.
    case invalidField = "invalid_field"
    /// A number or a time is outside the range that can be represented.
    case outOfRange = "out_of_range"
    /// A line has too few or too many fields for its field list.
    case wrongFieldCount = "wrong_field_count"
    /// A line below a header that could not be read.
    case refusedHeader = "refused_header"
    /// The event is dated later than the clock allows.
    case fromTheFuture = "from_the_future"
    /// The message ended inside a record.
    case truncated = "truncated"
    /// A Parquet file.
    case parquet
    /// Text in UTF-16 or UTF-32.
    case utf16 = "utf_16"
    /// A digest of CloudTrail: it signs log files and holds no events.
    case cloudTrailDigest = "cloudtrail_digest"
    /// Lines or objects of another log of AWS: of load balancers, CloudFront, S3, WAF and the like.
    case accessLog = "access_log"
    /// An archive, or a compression other than gzip.
    case archive
    /// Text that is no log: a README, HTML, XML, CSV.
    case textFile = "text_file"
    /// Another kind of file that is known by its first bytes.
    case binaryFile = "binary_file"
    /// A document of metrics without a single data point.
    case noPoints = "no_points"
    /// S3's word that objects were written, which holds no events.
    case storageNotification = "s3_notification"
    /// Something valid that Tidewatch does not support.
    case unsupported = "unsupported"
}
