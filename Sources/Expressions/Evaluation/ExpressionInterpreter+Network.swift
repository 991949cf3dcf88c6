import Text

/// Addresses and networks, as the CEL extension of Kubernetes has them: text that is none is an error, and an address of
/// the other family is not contained.
extension ExpressionInterpreter {
    func network(_ operation: Instruction.Operation, _ operand: Value) -> Value {
        switch (operation, operand.kind) {
        case (.toAddress, .address), (.toNetwork, .network): return operand
        case (.family, .address): return .integer(operand.isIPv4 ? 4 : 6)
        case (.toAddress, .text):
            return IPAddress(unmapped: bytes(of: operand)).map(Value.address) ?? .error(.invalidArgument)
        case (.toNetwork, .text):
            return IPNetwork(bytes(of: operand)).map(Value.network) ?? .error(.invalidArgument)
        case (.isAddress, .text): return .bool(IPAddress(unmapped: bytes(of: operand)) != nil)
        case (.isNetwork, .text): return .bool(IPNetwork(bytes(of: operand)) != nil)
        // No address needs an escape in JSON.
        case (.isAddress, .escapedText), (.isNetwork, .escapedText): return .bool(false)
        case (.toAddress, .escapedText), (.toNetwork, .escapedText): return .error(.invalidArgument)
        default: return mismatch(operand)
        }
    }

    func containment(_ operation: Instruction.Operation, _ outer: Value, _ inner: Value) -> Value {
        guard outer.kind == .network else { return mismatch(outer, inner) }
        let isNetwork = operation == .containsNetwork || inner.kind == .network
        let read = network(isNetwork ? .toNetwork : .toAddress, inner)
        switch read.kind {
        case .address: return .bool(outer.networkValue.contains(read.addressValue))
        case .network: return .bool(outer.networkValue.contains(read.networkValue))
        default: return read
        }
    }
}
