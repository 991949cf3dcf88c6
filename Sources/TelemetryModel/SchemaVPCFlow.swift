extension EventSchema {
    /// VPC flow logs: every field of the reference, in its order and in snake case.
    static let vpcFlow = EventSchema(
        kind: .vpcFlow, root: .object(FlowLogField.allCases.map { ($0.rawValue, .value($0.fieldType)) }))
}

extension FlowLogField {
    /// How expressions see the field; an address is text until `ip()` or `cidr()` reads it.
    var fieldType: FieldType {
        switch valueType {
        case .integer: .integer
        case .address, .text: .text
        }
    }
}
