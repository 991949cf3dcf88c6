import TelemetryModel

/// What to do with each column of a line, worked out once from the field list and the projection.
///
/// Columns that nobody asked for are still checked where the format says what they may be; text that nobody asked for
/// costs nothing.
struct FlowLogProgram {
    enum Operation: UInt8 {
        /// Text without a slot.
        case skip
        case text
        case integer
        case address
        case action
        case logStatus
        /// Integers that also give the event its time.
        case start
        case end
    }

    struct Step {
        let operation: Operation
        /// The slot in the row, or -1 when nobody asked for the column.
        let slot: Int32
        let maximum: UInt64
    }

    let list: FlowLogFieldList
    let steps: [Step]
    /// What was asked for, and where all columns are kept, those of the list that no version knows.
    let projection: Projection

    init(list: FlowLogFieldList, projection base: Projection) {
        self.list = list
        let projection = FlowLogProgram.projection(base, widenedBy: list)
        self.projection = projection
        steps = list.columns.map { column in
            if case .repeated = column { return Step(operation: .skip, slot: -1, maximum: 0) }
            let path = FieldPath(keys: column.name)
            let slot = Int32(projection.fields.firstIndex(of: path) ?? -1)
            guard case .field(let field) = column else {
                return Step(operation: slot < 0 ? .skip : .text, slot: slot, maximum: 0)
            }
            let operation: Operation =
                switch field {
                case .start: .start
                case .end: .end
                case .action: .action
                case .logStatus: .logStatus
                default:
                    switch field.valueType {
                    case .integer: .integer
                    case .address: .address
                    case .text: slot < 0 ? .skip : .text
                    }
                }
            return Step(operation: operation, slot: slot, maximum: UInt64(field.maximum))
        }
    }

    private static func projection(_ base: Projection, widenedBy list: FlowLogFieldList) -> Projection {
        guard base.keepsUnknownColumns else { return base }
        let unknown = list.columns.compactMap { column in
            if case .other(let name) = column { FieldPath(keys: name) } else { nil }
        }
        return Projection(
            kind: base.kind, fields: base.fields + unknown.filter { !base.fields.contains($0) },
            keepsUnknownColumns: true)
    }
}
