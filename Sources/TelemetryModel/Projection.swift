/// The fields of one kind of event that some loaded resource needs: what the decoder looks at, and nothing else.
///
/// A field's slot is its place in `fields`, and in each row of an `EventBatch`.
public struct Projection: Sendable, Equatable {
    public let kind: EventKind
    public let fields: [FieldPath]
    /// Whether batches may have further slots, behind `fields`, for the columns of a flow log that no version knows: their
    /// names come with a header line. For printing events whole; filters name what they need.
    public let keepsUnknownColumns: Bool

    public init(kind: EventKind, fields: [FieldPath], keepsUnknownColumns: Bool = false) {
        self.kind = kind
        self.fields = fields
        self.keepsUnknownColumns = keepsUnknownColumns
    }

    public var width: Int { fields.count }
}

/// Collects the fields that filters, rollups and audit records ask for, each once, and hands out their slots.
public struct ProjectionBuilder: Sendable {
    public let kind: EventKind
    public private(set) var fields: [FieldPath] = []
    private var slots: [FieldPath: Int] = [:]

    public init(kind: EventKind) {
        self.kind = kind
    }

    /// The slot of `path`, made on the first call and the same on every later one.
    public mutating func slot(for path: FieldPath) -> Int {
        if let slot = slots[path] { return slot }
        slots[path] = fields.count
        fields.append(path)
        return fields.count - 1
    }

    public var projection: Projection { Projection(kind: kind, fields: fields) }
}
