/// Where a field stands inside an event: keys and list indexes from the outside in.
///
/// Keys are AWS's own names, so `userIdentity.principalId` is two keys. A key that is no identifier is written in
/// brackets: `requestParameters["x-amz-acl"]`; a list element by its number: `resources[0].ARN`.
public struct FieldPath: Hashable, Sendable, CustomStringConvertible {
    public enum Component: Hashable, Sendable {
        case key(String)
        case index(Int)
    }

    public let components: [Component]

    public init(_ components: [Component]) {
        self.components = components
    }

    /// A path made of keys only.
    public init(keys: String...) {
        components = keys.map(Component.key)
    }

    public var description: String {
        var text = ""
        for component in components {
            switch component {
            case .index(let index):
                text += "[\(index)]"
            case .key(let key):
                if FieldPath.isIdentifier(key) {
                    text += text.isEmpty ? key : ".\(key)"
                } else {
                    let escaped = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                    text += "[\"\(escaped)\"]"
                }
            }
        }
        return text
    }

    /// Letters, digits and underscores, not beginning with a digit.
    public static func isIdentifier(_ key: some StringProtocol) -> Bool {
        guard let first = key.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return key.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
        }
    }
}
