/// The fields of one kind of event: which there are, and of what type.
///
/// Filters, groups and measures are checked against it when they are loaded, so that a misspelt field is refused and
/// not counted as missing for ever. Events themselves are not held to it: a field of another type than is documented
/// is an error of evaluation, for that event.
public struct EventSchema: Sendable {
    /// What stands at one place of an event.
    indirect enum Node: Sendable {
        case value(FieldType)
        case object([(name: String, node: Node)])
        case list(Node)
        /// Any keys.
        case map(Node)
        /// Anything at all, to any depth.
        case dynamic

        var type: FieldType {
            switch self {
            case .value(let type): type
            case .object: .object
            case .list(let element): .list(element.type)
            case .map(let value): .map(value.type)
            case .dynamic: .any
            }
        }
    }

    public let kind: EventKind
    let root: Node
    /// Every path that the schema names, outer before inner, list elements as their first.
    public let documentedPaths: [FieldPath]

    init(kind: EventKind, root: Node) {
        self.kind = kind
        self.root = root
        documentedPaths = EventSchema.paths(under: root)
    }

    public static func of(_ kind: EventKind) -> EventSchema {
        switch kind {
        case .cloudTrail: cloudTrail
        case .vpcFlow: vpcFlow
        case .metric: metric
        }
    }

    /// The type of the field at `path`, or `nil` when no event of this kind has such a field.
    public func type(of path: FieldPath) -> FieldType? {
        node(at: path.components[...])?.type
    }

    /// Whether `path` goes through at most what the schema names, so that every key of it is a documented one.
    func node(at components: ArraySlice<FieldPath.Component>) -> Node? {
        var node = root
        for component in components {
            guard let next = EventSchema.child(component, of: node) else { return nil }
            node = next
        }
        return node
    }

    static func child(_ component: FieldPath.Component, of node: Node) -> Node? {
        switch (node, component) {
        case (.object(let members), .key(let key)): members.first { $0.name == key }?.node
        case (.list(let element), .index): element
        case (.map(let value), .key): value
        case (.dynamic, _): .dynamic
        default: nil
        }
    }
}
