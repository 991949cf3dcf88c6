import TelemetryModel
import Text

/// One level of what wraps records: gzip, base64, a protobuf message or text, and what of it is not decoded yet.
///
/// Layer 0 is the file or message; what an envelope or a compression holds is the next. A layer belongs to the decoder that
/// made it, and is used by its thread alone.
final class DecodingLayer {
    enum Mode {
        /// There are too few bytes to decide.
        case undecided
        case gzip
        case base64
        /// Decoded whole, by the decoder of the format; `nil` when nothing knows it.
        case binary(RecordDecoders.Target?)
        /// Known by its first bytes, and not read.
        case foreign(ForeignContent)
        /// Wrapped too often to be looked at.
        case tooDeep
        case text
        /// All that comes goes to the dead letters as one record, in parts of which so many are there.
        case setAside(EnvelopeFault, parts: Int)
        /// Nothing more is taken from it.
        case stopped
    }

    /// How many others are around it.
    let depth: Int
    var mode = Mode.undecided
    var isStopped: Bool { if case .stopped = mode { true } else { false } }
    /// Whether what is set aside is no record if it has no bytes.
    var isAsideOptional = false
    /// What was taken and not decoded: too little to say what it is, or the value or line that is not complete.
    var pending: [UInt8] = []
    /// So many bytes `pending` should have before it is looked at again.
    var retryAt = 0
    /// How large the incomplete value or line may become.
    var pendingMax = 0
    /// Whether what is pending is a broken value whose end is looked for.
    var isBroken = false
    /// Set while passing over what is too large; `pending` then holds the part of it that comes next to the dead letters.
    var skip: OversizeSkip?

    // Text: where it is between values.
    /// The arrays and objects around, from the outside in.
    var open: [OpenContainer] = []
    /// The decoder of the record before.
    var target: RecordDecoders.Target?
    /// Whether the value before was an envelope, so that the next one probably is.
    var prefersEnvelopes = false
    /// Whether something is before in the line at hand.
    var isMidLine = false

    // gzip.
    var inflater = GzipInflater()
    var inflated: [UInt8] = []
    /// How much of `inflated` the layer below has, where all of it was inflated at once.
    var handed = 0
    /// Whether anything was inflated.
    var hasOutput = false
    /// Why the gzip stream of this layer failed, for the layer around it to say.
    var failure: EnvelopeFault?
    /// Bytes that this layer expanded to and that count against the message's limit.
    var expandedBytes = 0

    /// What an envelope's text was unwrapped to, for the layer below.
    var unwrapped: [UInt8] = []

    init(depth: Int) { self.depth = depth }

    func begin(_ mode: Mode = .undecided) {
        self.mode = mode
        // Of a small message nothing is left, and to take nothing out of an array costs more than to look.
        if !pending.isEmpty || pending.capacity > MessageDecoder.keptBytesMax {
            pending.removeAll(keepingCapacity: pending.capacity <= MessageDecoder.keptBytesMax)
        }
        retryAt = 0
        pendingMax = 0
        isBroken = false
        skip = nil
        if !open.isEmpty { open.removeAll(keepingCapacity: true) }
        target = nil
        prefersEnvelopes = false
        isMidLine = false
        failure = nil
        hasOutput = false
        expandedBytes = 0
        if unwrapped.capacity > MessageDecoder.keptBytesMax { unwrapped = [] }
    }

    func append(_ bytes: RawSpan) {
        unsafe bytes.withUnsafeBytes { unsafe pending.append(contentsOf: $0) }
    }
}

/// An array or object that was begun, whose contents are decoded one by one.
struct OpenContainer {
    enum Kind: Equatable {
        /// Values as they are at the top of a text: records, or envelopes.
        case values
        /// The log events of a CloudWatch Logs subscription.
        case logEvents
        /// Objects with something of their own around each record.
        case wrapped(Wrapping)
        /// `resourceMetrics` of OTLP/JSON.
        case resourceMetrics
        /// The object around one of these arrays: what is left of its members.
        case members(Member)
    }

    /// The member that holds the array.
    enum Member: Equatable {
        case records, logEvents, firehoseRecords, messages, events, resourceMetrics
    }

    let kind: Kind
    /// After a comma, or at the start: a value may come. Otherwise a comma or the closing bracket.
    var expectsValue = true
    /// Whether a comma promises a value.
    var isAfterComma = false
}

/// How the elements of an array wrap what they hold.
enum Wrapping: Equatable {
    /// `{"data": "base64"}`: Firehose.
    case data
    /// `{"kinesis": {"data": "base64"}}`: Kinesis, as Lambda is handed it.
    case kinesis
    /// `{"Data": "base64"}`: what `aws kinesis get-records` prints.
    case upperData
    /// `{"body": "…"}`: SQS, as Lambda is handed it.
    case body
    /// `{"Body": "…"}`: what `aws sqs receive-message` prints.
    case upperBody
    /// `{"Sns": {"Message": "…"}}`: SNS, as Lambda is handed it.
    case topic
    /// `{"CloudTrailEvent": "…"}`: what `aws cloudtrail lookup-events` prints.
    case trailEvent
}

/// Finds the end of a value or line that is too large to be held, byte by byte.
struct OversizeSkip {
    /// Whether it is a line of text, which ends at the newline.
    let isLine: Bool
    /// Bytes so far.
    private(set) var bytes = 0
    /// How many of them are kept, in parts handed over and in `pending`.
    var kept = 0
    /// Parts handed over.
    var parts = 0
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private(set) var isAtEnd = false

    init(isLine: Bool) {
        self.isLine = isLine
    }

    var name: String { isLine ? "a line" : "a record" }

    /// Returns how many of the bytes still belong to it.
    mutating func take(_ text: RawSpan) -> Int {
        var place = 0
        while place < text.byteCount, !isAtEnd {
            let byte = text.byte(place)
            place &+= 1
            if isLine {
                isAtEnd = byte == 0x0A
            } else if isEscaped {
                isEscaped = false
            } else if isInString {
                // No string holds a line break: the value is broken, and the next line is another's.
                if byte == 0x22 { isInString = false } else if byte == 0x0A { isAtEnd = true }
                isEscaped = byte == 0x5C
            } else {
                switch byte {
                case 0x22: isInString = true
                case 0x7B, 0x5B: depth &+= 1
                case 0x7D, 0x5D:
                    depth &-= 1
                    isAtEnd = depth <= 0
                default: break
                }
            }
        }
        bytes &+= place
        return place
    }
}
