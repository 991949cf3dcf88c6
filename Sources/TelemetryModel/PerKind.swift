/// A value for each kind of event, found without hashing.
public struct PerKind<Value> {
    private var cloudTrail: Value
    private var vpcFlow: Value
    private var metric: Value

    public init(_ value: (EventKind) -> Value) {
        cloudTrail = value(.cloudTrail)
        vpcFlow = value(.vpcFlow)
        metric = value(.metric)
    }

    @inline(__always)
    public subscript(kind: EventKind) -> Value {
        get {
            switch kind {
            case .cloudTrail: cloudTrail
            case .vpcFlow: vpcFlow
            case .metric: metric
            }
        }
        set {
            switch kind {
            case .cloudTrail: cloudTrail = newValue
            case .vpcFlow: vpcFlow = newValue
            case .metric: metric = newValue
            }
        }
    }
}

extension PerKind: Sendable where Value: Sendable {}
extension PerKind: Equatable where Value: Equatable {}
extension PerKind: Hashable where Value: Hashable {}
