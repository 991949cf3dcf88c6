/// One field of one event, as the decoder left it: a scalar by value, text by its place.
///
/// Text is not copied. `payload` holds an offset (upper 32 bits) and a length in bytes (lower 32 bits) into the
/// message, or into the batch's arena where unescaping had to write new bytes. `EventView.bytes(of:)` resolves both.
@frozen
public struct FieldValue: BitwiseCopyable, Sendable, Equatable {
    @frozen
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        /// The field is not there at all.
        case absent
        /// The field is there and is JSON `null`.
        case null
        case bool
        /// A signed 64-bit integer.
        case integer
        /// An IEEE 754 double.
        case double
        /// UTF-8 text in the message.
        case text
        /// UTF-8 text in the batch's arena.
        case arenaText
        /// A whole JSON object or array, valid, in the message.
        case json
        /// A whole JSON object or array, valid, in the batch's arena.
        case arenaJSON
    }

    public let kind: Kind
    @usableFromInline let payload: UInt64

    @inlinable
    init(kind: Kind, payload: UInt64) {
        self.kind = kind
        self.payload = payload
    }

    @inlinable public static var absent: FieldValue { FieldValue(kind: .absent, payload: 0) }
    @inlinable public static var null: FieldValue { FieldValue(kind: .null, payload: 0) }
    @inlinable public static func bool(_ value: Bool) -> FieldValue {
        FieldValue(kind: .bool, payload: value ? 1 : 0)
    }
    @inlinable public static func integer(_ value: Int64) -> FieldValue {
        FieldValue(kind: .integer, payload: UInt64(bitPattern: value))
    }
    @inlinable public static func double(_ value: Double) -> FieldValue {
        FieldValue(kind: .double, payload: value.bitPattern)
    }
    /// `kind` is one of the four that hold a place: `text`, `arenaText`, `json`, `arenaJSON`.
    @inlinable public static func place(_ kind: Kind, offset: Int, length: Int) -> FieldValue {
        FieldValue(
            kind: kind,
            payload: UInt64(UInt32(truncatingIfNeeded: offset)) << 32 | UInt64(UInt32(truncatingIfNeeded: length)))
    }
    /// The same value where the message, and the arena, begin later.
    func moved(by offset: Int, inArena arenaOffset: Int) -> FieldValue {
        switch kind {
        case .text, .json: .place(kind, offset: self.offset &+ offset, length: length)
        case .arenaText, .arenaJSON: .place(kind, offset: self.offset &+ arenaOffset, length: length)
        case .absent, .null, .bool, .integer, .double: self
        }
    }

    @inlinable public static func text(offset: Int, length: Int) -> FieldValue {
        place(.text, offset: offset, length: length)
    }

    @inlinable public var boolValue: Bool { payload != 0 }
    @inlinable public var integerValue: Int64 { Int64(bitPattern: payload) }
    @inlinable public var doubleValue: Double { Double(bitPattern: payload) }
    /// Meaningful for the four kinds that hold a place.
    @inlinable public var offset: Int { Int(payload >> 32) }
    /// In bytes; meaningful for the four kinds that hold a place.
    @inlinable public var length: Int { Int(payload & 0xFFFF_FFFF) }

    /// Whether the value is text, wherever its bytes are.
    @inlinable public var isText: Bool { kind == .text || kind == .arenaText }
    /// Whether the value is a JSON object or array, wherever its bytes are.
    @inlinable public var isJSON: Bool { kind == .json || kind == .arenaJSON }
    /// Whether the field is there and not null.
    @inlinable public var isPresent: Bool { kind.rawValue > Kind.null.rawValue }
    /// Whether the value has bytes somewhere.
    @inlinable public var isInBytes: Bool { isText || isJSON }
    /// Whether the bytes are in the batch's arena and not in the message.
    @inlinable public var isInArena: Bool { kind == .arenaText || kind == .arenaJSON }
}
