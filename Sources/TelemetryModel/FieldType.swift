/// The type of a field, or of what an expression over fields comes to.
public indirect enum FieldType: Sendable, Hashable {
    case bool
    /// A signed 64-bit integer.
    case integer
    /// An IEEE 754 double.
    case double
    /// UTF-8 text.
    case text
    case null
    case list(FieldType)
    /// Any text keys, values of one type.
    case map(FieldType)
    /// An object whose keys are all known.
    case object
    /// An IP address, as `ip()` makes; no field has this type.
    case address
    /// An IP network, as `cidr()` makes; no field has this type.
    case network
    /// Known only when the event is there.
    case any
}

extension FieldType: CustomStringConvertible {
    public var description: String {
        switch self {
        case .bool: "bool"
        case .integer: "int"
        case .double: "double"
        case .text: "string"
        case .null: "null"
        case .list(.any): "list"
        case .list(let element): "list of \(element)"
        case .map(.any): "map"
        case .map(let value): "map of \(value)"
        case .object: "object"
        case .address: "IP address"
        case .network: "IP network"
        case .any: "any type"
        }
    }
}
