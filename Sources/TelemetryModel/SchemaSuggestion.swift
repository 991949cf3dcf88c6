import Text

extension EventSchema {
    /// The documented path nearest to one that is not, as a resource's author would write it: `errorCode` for
    /// `errorcode`, `userIdentity.arn` for `arn`. `nil` when the path is known, or nothing is near.
    ///
    /// Complexity: some edit distances for each wrong key; for messages only.
    public func suggestion(for path: FieldPath) -> String? {
        guard let (valid, wrong, node) = firstUnknown(in: path) else { return nil }
        let rest = path.components.dropFirst(valid.count + 1)
        if case .key(let key) = wrong, case .object(let members) = node,
            let near = EditDistance.nearest(to: key, among: members.map(\.name))
        {
            let mended = FieldPath(valid + [.key(near)] + rest)
            if type(of: mended) != nil { return mended.description }
            // The keys before the next wrong one are one more than here, so this ends.
            return suggestion(for: mended) ?? FieldPath(valid + [.key(near)]).description
        }
        if case .key(let key) = wrong, case .list = node {
            let mended = FieldPath(valid + [.index(0), .key(key)])
            if type(of: mended) != nil { return mended.description }
        }
        guard case .key(let last)? = path.components.last else { return nil }
        return documentedPaths.first { documented in
            if case .key(last)? = documented.components.last { true } else { false }
        }?.description
    }

    /// The names that may follow `path`, in the schema's order; empty where any name may.
    public func names(under path: FieldPath) -> [String] {
        guard case .object(let members)? = node(at: path.components[...]) else { return [] }
        return members.map(\.name)
    }

    /// Every path under `root`, for `documentedPaths`.
    static func paths(under root: Node) -> [FieldPath] {
        var paths: [FieldPath] = []
        // Breadth first, so that of two fields with one name the outer one is found first.
        var level: [(path: [FieldPath.Component], node: Node)] = [([], root)]
        while !level.isEmpty {
            var next: [(path: [FieldPath.Component], node: Node)] = []
            for (path, node) in level {
                if !path.isEmpty { paths.append(FieldPath(path)) }
                switch node {
                case .object(let members):
                    for member in members { next.append((path + [.key(member.name)], member.node)) }
                case .list(let element):
                    next.append((path + [.index(0)], element))
                case .value, .map, .dynamic:
                    break
                }
            }
            level = next
        }
        return paths
    }

    private func firstUnknown(
        in path: FieldPath
    ) -> (valid: [FieldPath.Component], wrong: FieldPath.Component, node: Node)? {
        var node = root
        for (place, component) in path.components.enumerated() {
            guard let next = EventSchema.child(component, of: node) else {
                return (Array(path.components[..<place]), component, node)
            }
            node = next
        }
        return nil
    }
}
