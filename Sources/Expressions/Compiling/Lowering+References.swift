import TelemetryModel
import Text

extension Lowering {
    mutating func lowerReference(_ node: Int) throws(ExpressionProblem) -> Typed {
        if let path = try path(of: node) {
            if path.components.isEmpty {
                throw problem("'event' is the whole record; name a field of it, such as event.\(example)", at: node)
            }
            return try lowerField(path, at: node)
        }
        switch tree[node].kind {
        case .identifier(let name):
            return try lowerVariable(name, at: node)
        case .select(let object, let key):
            return try lowerMember(key, of: object, isTest: false, at: node)
        case .index(let object, let index):
            switch tree[index].kind {
            case .literal(.text(let key)):
                return try lowerMember(
                    String(decoding: key, as: UTF8.self), of: object, isTest: false, at: node)
            case .literal(.integer(let place)):
                return try lowerElement(place, of: object, at: node)
            default:
                throw problem(Lowering.dynamicIndex, at: index)
            }
        default:
            throw problem("this is no reference", at: node)
        }
    }

    static let dynamicIndex =
        "an index must be a literal, so that the field is known when the expression is loaded; "
        + "to look at all elements write list.exists(x, x == …)"

    private var example: String {
        guard case .event(let kind) = environment else { return "" }
        return EventSchema.of(kind).names(under: FieldPath([])).first ?? ""
    }

    /// The path of a reference that begins at `event`; `nil` for every other node.
    func path(of node: Int) throws(ExpressionProblem) -> FieldPath? {
        var components: [FieldPath.Component] = []
        var place = node
        while true {
            switch tree[place].kind {
            case .identifier("event"):
                guard case .event = environment, !bindings.contains(where: { $0.name == "event" }) else { return nil }
                return FieldPath(components.reversed())
            case .select(let object, let key):
                components.append(.key(key))
                place = object
            case .index(let object, let index):
                switch tree[index].kind {
                case .literal(.text(let key)):
                    components.append(.key(String(decoding: key, as: UTF8.self)))
                case .literal(.integer(let number)):
                    guard let index = Int(exactly: number), (0...1_000_000).contains(index) else {
                        throw problem("a list's index is from 0 to 1000000", at: index)
                    }
                    components.append(.index(index))
                default:
                    guard isRootedAtEvent(object) else { return nil }
                    throw problem(Lowering.dynamicIndex, at: index)
                }
                place = object
            default:
                return nil
            }
        }
    }

    private func isRootedAtEvent(_ node: Int) -> Bool {
        switch tree[node].kind {
        case .identifier("event"): !bindings.contains { $0.name == "event" }
        case .select(let object, _), .index(let object, _): isRootedAtEvent(object)
        default: false
        }
    }

    /// The type of a path that the schema has; everything else is a problem, with the nearest name.
    func type(of path: FieldPath, at node: Int) throws(ExpressionProblem) -> FieldType {
        guard case .event(let kind) = environment else { return .any }
        let schema = EventSchema.of(kind)
        if path.components.isEmpty { return .object }
        if let type = schema.type(of: path) { return type }
        var message = "\(kind.rawValue) events have no field '\(path)'"
        if let suggestion = schema.suggestion(for: path) { message += "; did you mean \(suggestion)?" }
        throw problem(message, at: node)
    }

    private mutating func lowerField(_ path: FieldPath, at node: Int) throws(ExpressionProblem) -> Typed {
        let type = try type(of: path, at: node)
        let slot = projection.slot(for: path)
        var field = try emit(.field, Int32(slot), flag: type == .double, as: type, at: node)
        field.path = path
        return field
    }

    /// Whether a field of the event is there.
    mutating func lowerHas(_ path: FieldPath, at node: Int) throws(ExpressionProblem) -> Typed {
        _ = try type(of: path, at: node)
        guard case .key? = path.components.last else {
            throw problem("has() takes a field, not a list's element; write size(list) > index", at: node)
        }
        let slot = Int32(projection.slot(for: path))
        // In a flow log or a metric the object around a field is always there.
        guard case .event(.cloudTrail) = environment, path.components.count > 1 else {
            return try emit(.hasField, slot, -1, as: .bool, at: node)
        }
        let parent = Int32(projection.slot(for: FieldPath(path.components.dropLast().map { $0 })))
        return try emit(.hasField, slot, parent, as: .bool, at: node)
    }

    private mutating func lowerVariable(_ name: String, at node: Int) throws(ExpressionProblem) -> Typed {
        if let binding = bindings.last(where: { $0.name == name }) { return binding.value }
        let scope = bindings.map(\.name)
        switch environment {
        case .measures(let names):
            if let slot = names.firstIndex(of: name) {
                return try emit(.field, Int32(slot), flag: true, as: .double, at: node)
            }
            var message = "there is no measure '\(name)'"
            if let near = EditDistance.nearest(to: name, among: names + scope) {
                message += "; did you mean \(near)?"
            } else {
                message += "; the measures are \(names.joined(separator: ", "))"
            }
            throw problem(message, at: node)
        case .event(let kind):
            var message = "there is no variable '\(name)'"
            let path = FieldPath([.key(name)])
            let schema = EventSchema.of(kind)
            if let near = EditDistance.nearest(to: name, among: ["event"] + scope) {
                message += "; did you mean \(near)?"
            } else if schema.type(of: path) != nil {
                message += "; did you mean event.\(name)?"
            } else if let suggestion = schema.suggestion(for: path) {
                message += "; did you mean event.\(suggestion)?"
            } else {
                message += "; fields are written event.\(example); texts stand in quotes"
            }
            throw problem(message, at: node)
        }
    }

    // MARK: Parts of a comprehension's variable

    mutating func lowerMember(
        _ key: String, of object: Int, isTest: Bool, at node: Int
    ) throws(ExpressionProblem) -> Typed {
        let container = try lower(object)
        switch container.type {
        case .any, .map, .object: break
        default: throw problem("\(container.type) has no field '\(key)'", at: node)
        }
        let path = container.path.map { FieldPath($0.components + [.key(key)]) }
        let type = try path.map { (path) throws(ExpressionProblem) in try self.type(of: path, at: node) } ?? .any
        constants.append(textConstant(Array(key.utf8)))
        let constant = Int32(constants.count - 1)
        if isTest { return try emit(.hasMember, container.index, constant, as: .bool, at: node) }
        var member = try emit(.member, container.index, constant, as: type, at: node)
        member.path = path
        return member
    }

    private mutating func lowerElement(_ index: Int64, of object: Int, at node: Int) throws(ExpressionProblem) -> Typed
    {
        let container = try lower(object)
        guard (0...1_000_000).contains(index) else { throw problem("a list's index is from 0 to 1000000", at: node) }
        let type: FieldType
        switch container.type {
        case .any: type = .any
        case .list(let element): type = element
        default: throw problem("\(container.type) has no elements", at: node)
        }
        var element = try emit(.element, container.index, Int32(index), as: type, at: node)
        element.path = container.path.map { FieldPath($0.components + [.index(0)]) }
        return element
    }
}
