import Foundation

/// A parsed JSON value that can be compared: what the tests hold against each other.
enum JSON: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case array([JSON])
    case object([String: JSON])

    init(parsing data: Data) throws {
        self = JSON(try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed))
    }

    static func lines(_ data: Data) throws -> [JSON] {
        try data.split(separator: 0x0A).map { try JSON(parsing: Data($0)) }
    }

    static func lines(_ text: String) throws -> [JSON] { try lines(Data(text.utf8)) }

    private init(_ value: Any) {
        switch value {
        case let value as [String: Any]: self = .object(value.mapValues(JSON.init))
        case let value as [Any]: self = .array(value.map(JSON.init))
        case let value as String: self = .text(value)
        // On Linux a JSON boolean is a number whose type is that of a character.
        case let value as NSNumber where String(cString: value.objCType) == "c": self = .bool(value.boolValue)
        case let value as NSNumber: self = .number(value.doubleValue)
        default: self = .null
        }
    }

    subscript(key: String) -> JSON {
        if case .object(let members) = self { members[key] ?? .null } else { .null }
    }

    subscript(index: Int) -> JSON {
        if case .array(let items) = self, items.indices.contains(index) { items[index] } else { .null }
    }

    var items: [JSON] { if case .array(let items) = self { items } else { [] } }
    var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
    var text: String? { if case .text(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }

    /// Without this member.
    func dropping(_ key: String) -> JSON {
        guard case .object(var members) = self else { return self }
        members[key] = nil
        return .object(members)
    }

    /// An audit record without when and by which settings it was made.
    var withoutProcessing: JSON {
        guard case .object(var members) = self, case .object(var record)? = members["record"] else { return self }
        record["metadata"] = record["metadata"]?.dropping("processed_time").dropping("tags")
        members["record"] = .object(record)
        return .object(members)
    }

    /// Without members that are null, at every depth: `null` is the same as left out.
    var withoutNulls: JSON {
        switch self {
        case .object(let members): .object(members.filter { $0.value != .null }.mapValues(\.withoutNulls))
        case .array(let items): .array(items.map(\.withoutNulls))
        default: self
        }
    }
}

extension Sequence where Element: Hashable {
    /// How often each element occurs.
    var counts: [Element: Int] { reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}
