import Alerting

/// The order in which transitions are published: by event time, then by dedup key, so that it does not depend on which
/// resource was evaluated first.
enum AlertOrder {
    static func sorted(_ transitions: [AlertTransition]) -> [AlertTransition] {
        transitions.sorted { left, right in
            (left.alert.time, left.alert.dedupKey.text, left.alert.status.order)
                < (right.alert.time, right.alert.dedupKey.text, right.alert.status.order)
        }
    }
}

extension AlertStatus {
    /// What is resolved at the moment at which it opens again must be resolved first.
    fileprivate var order: Int { self == .resolved ? 0 : 1 }
}
