import Text

/// One value while an expression is evaluated: a scalar, or the place of a text or of JSON.
struct Value: BitwiseCopyable, Sendable {
    enum Kind: UInt8, BitwiseCopyable, Sendable {
        case error
        case null
        case bool
        case integer
        case double
        case text
        /// The inside of a JSON string with escapes in it.
        case escapedText
        /// A whole JSON object or array.
        case json
        case address
        case network
    }

    let kind: Kind
    /// Where the bytes of text and JSON are.
    let source: TextPlace.Source
    /// Of a network: the bits of its prefix.
    let prefixLength: UInt8
    let isIPv4: Bool
    /// A scalar's bits; the offset of text and JSON; the upper half of an address.
    let high: UInt64
    /// The length of text and JSON, in bytes; the lower half of an address.
    let low: UInt64

    @inline(__always)
    private init(
        _ kind: Kind, source: TextPlace.Source = .message, prefixLength: UInt8 = 0, isIPv4: Bool = false,
        high: UInt64 = 0, low: UInt64 = 0
    ) {
        self.kind = kind
        self.source = source
        self.prefixLength = prefixLength
        self.isIPv4 = isIPv4
        self.high = high
        self.low = low
    }

    static var null: Value { Value(.null) }
    @inline(__always)
    static func error(_ error: EvaluationError) -> Value { Value(.error, high: UInt64(error.rawValue)) }
    @inline(__always)
    static func bool(_ value: Bool) -> Value { Value(.bool, high: value ? 1 : 0) }
    static func integer(_ value: Int64) -> Value { Value(.integer, high: UInt64(bitPattern: value)) }
    static func double(_ value: Double) -> Value { Value(.double, high: value.bitPattern) }
    static func text(_ source: TextPlace.Source, offset: Int, length: Int, isEscaped: Bool = false) -> Value {
        Value(
            isEscaped ? .escapedText : .text, source: source, high: UInt64(truncatingIfNeeded: offset),
            low: UInt64(truncatingIfNeeded: length))
    }
    static func json(_ source: TextPlace.Source, offset: Int, length: Int) -> Value {
        Value(.json, source: source, high: UInt64(truncatingIfNeeded: offset), low: UInt64(truncatingIfNeeded: length))
    }
    static func address(_ address: IPAddress) -> Value {
        Value(.address, isIPv4: address.isIPv4, high: address.high, low: address.low)
    }
    static func network(_ network: IPNetwork) -> Value {
        Value(
            .network, prefixLength: network.prefixLength, isIPv4: network.address.isIPv4, high: network.address.high,
            low: network.address.low)
    }

    var isTrue: Bool { kind == .bool && high != 0 }
    var isFalse: Bool { kind == .bool && high == 0 }
    var isError: Bool { kind == .error }
    var isText: Bool { kind == .text || kind == .escapedText }
    var isNumber: Bool { kind == .integer || kind == .double }
    var evaluationError: EvaluationError { EvaluationError(rawValue: UInt8(truncatingIfNeeded: high)) ?? .unsupported }
    var integerValue: Int64 { Int64(bitPattern: high) }
    var doubleValue: Double { Double(bitPattern: high) }
    var offset: Int { Int(truncatingIfNeeded: high) }
    var length: Int { Int(truncatingIfNeeded: low) }
    var addressValue: IPAddress { IPAddress(isIPv4: isIPv4, high: high, low: low) }
    var networkValue: IPNetwork { IPNetwork(address: addressValue, prefixLength: prefixLength) }
    var place: TextPlace {
        TextPlace(source: source, offset: offset, length: length, isEscaped: kind == .escapedText)
    }
}
