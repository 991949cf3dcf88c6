/// A place in a file; line and column count from 1, columns in Unicode scalars.
struct SourceMark: Equatable {
    var line: Int
    var column: Int

    static let start = SourceMark(line: 1, column: 1)
}

/// A YAML node with its place: what the readers walk.
///
/// The tree is Tidewatch's own so that the library behind it is known to one file, and so that depth and size are
/// bounded before anything recurses over it.
struct YAMLNode {
    enum Content {
        /// An empty value, `~` or `null`.
        case null
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping([YAMLEntry])
    }

    var content: Content
    var mark: SourceMark

    var isNull: Bool {
        if case .null = content { return true }
        return false
    }

    /// What the node is, for a message: "a list".
    var kindDescription: String {
        switch content {
        case .null: "empty"
        case .scalar(let scalar): "\"\(YAMLNode.shortened(scalar.text))\""
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }

    /// Keeps a message readable when a value is a page long.
    static func shortened(_ text: String) -> String {
        text.unicodeScalars.count <= 80 ? text : String(text.unicodeScalars.prefix(77)) + "..."
    }
}

struct YAMLScalar {
    enum Style { case plain, quoted, block }

    var text: String
    var style: Style
}

struct YAMLEntry {
    var key: String
    var keyMark: SourceMark
    var value: YAMLNode
}
