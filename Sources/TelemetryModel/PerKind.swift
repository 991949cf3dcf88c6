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
        _modify {
            switch kind {
            case .cloudTrail: yield &cloudTrail
            case .vpcFlow: yield &vpcFlow
            case .metric: yield &metric
            }
        }
    }
}

extension PerKind: Sendable where Value: Sendable {}
extension PerKind: Equatable where Value: Equatable {}
extension PerKind: Hashable where Value: Hashable {}
