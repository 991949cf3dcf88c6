import TelemetryModel

/// The keys that a projection asks for, as a tree: what a record's keys are looked up in.
///
/// A key is found by its first eight bytes (a multiplicative hash into one table for all levels, so that most keys miss at
/// once), then compared whole; last comes the question whether it is in the right object.
struct ProjectionTree {
    /// A field, or an object or array with fields below it.
    struct Node {
        /// The key's UTF-8, as it is in JSON text when nothing in it is escaped.
        var key: [UInt8] = []
        /// The key's first eight bytes, little-endian, zero past its end.
        var head: UInt64 = 0
        /// Of the next node whose key has the same hash, or -1.
        var next = -1
        var parent = 0
        /// Where the values go: slots of the row.
        var slots: [Int] = []
        /// Where the value goes besides, among the values that the event's kind needs; or -1.
        var required = -1
        /// Whether a number is stored as a double whatever its spelling.
        var isDouble = false
        /// Members asked for below; empty when none are.
        var members: [Int] = []
        /// Elements asked for below, by index.
        var elements: [(index: Int, node: Int)] = []
        /// All slots and required values at and below, which a repeated key clears.
        var slotsBelow: [Int] = []
        var requiredBelow: [Int] = []
    }

    private(set) var nodes: [Node] = [Node()]
    private(set) var buckets: [Int16] = []
    /// Keys in the deepest path, and so the depth down to which the outline must go.
    private(set) var depth = 1

    static let root = 0
    static let bucketCount = 512

    /// Adds a path; an empty one is ignored. Paths are few (a 16-bit number numbers the nodes), and resources are refused
    /// long before.
    mutating func add(_ path: [FieldPath.Component], slot: Int = -1, required: Int = -1, isDouble: Bool = false) {
        precondition(nodes.count < Int(Int16.max) - path.count, "a projection of more than 32,000 keys")
        var node = ProjectionTree.root
        var keys = 0
        for component in path {
            switch component {
            case .key(let key): node = addMember(Array(key.utf8), of: node)
            case .index(let index): node = addElement(index, of: node)
            }
            keys += 1
        }
        guard node != ProjectionTree.root else { return }
        depth = max(depth, keys)
        if slot >= 0 { nodes[node].slots.append(slot) }
        if required >= 0 { nodes[node].required = required }
        if isDouble { nodes[node].isDouble = true }
    }

    /// Builds the look-up tables; nothing may be added afterwards.
    mutating func seal() {
        buckets = Array(repeating: -1, count: ProjectionTree.bucketCount)
        // A key that JSON must escape is never in the text as it is, so only `member(_:in:)` may find it.
        for node in nodes.indices {
            for member in nodes[node].members where !nodes[member].key.contains(where: JSONByte.mustBeEscaped) {
                let bucket = ProjectionTree.bucket(of: nodes[member].head)
                nodes[member].next = Int(buckets[bucket])
                buckets[bucket] = Int16(member)
            }
        }
        // Children have higher numbers than their parents, so that going down collects from the bottom up.
        for node in nodes.indices.reversed() {
            var slots = nodes[node].slots
            var required = nodes[node].required >= 0 ? [nodes[node].required] : []
            for child in nodes[node].members + nodes[node].elements.map(\.node) {
                slots += nodes[child].slotsBelow
                required += nodes[child].requiredBelow
            }
            nodes[node].slotsBelow = slots
            nodes[node].requiredBelow = required
        }
    }

    /// The member of `parent` whose key is exactly these bytes, by comparing all.
    func member(_ key: [UInt8], in parent: Int) -> Int? {
        nodes[parent].members.first { nodes[$0].key == key }
    }

    @inline(__always)
    static func bucket(of head: UInt64) -> Int {
        Int(truncatingIfNeeded: (head &* 0x9E37_79B9_7F4A_7C15) &>> 55)
    }

    private mutating func addMember(_ key: [UInt8], of parent: Int) -> Int {
        if let member = member(key, in: parent) { return member }
        var node = Node()
        node.key = key
        node.parent = parent
        for (place, byte) in key.prefix(8).enumerated() { node.head |= UInt64(byte) << UInt64(place * 8) }
        nodes.append(node)
        nodes[parent].members.append(nodes.count - 1)
        return nodes.count - 1
    }

    private mutating func addElement(_ index: Int, of parent: Int) -> Int {
        if let element = nodes[parent].elements.first(where: { $0.index == index }) { return element.node }
        nodes.append(Node())
        nodes[parent].elements.append((index, nodes.count - 1))
        return nodes.count - 1
    }
}
