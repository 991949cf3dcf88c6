import Alerting
import TelemetryModel

/// The order in which transitions are published: by event time, then by dedup key, so that it does not depend on which
/// resource was evaluated first.
package enum AlertOrder {
    private struct Key: Comparable {
        let time: Timestamp
        let dedupKey: String
        /// What is resolved at the moment at which it opens again must be resolved first.
        let isOpen: Bool

        static func < (left: Key, right: Key) -> Bool {
            if left.time != right.time { return left.time < right.time }
            if left.dedupKey != right.dedupKey { return left.dedupKey < right.dedupKey }
            return !left.isOpen && right.isOpen
        }
    }

    package static func sorted(_ transitions: [AlertTransition]) -> [AlertTransition] {
        let keys = transitions.map { transition in
            Key(
                time: transition.alert.time, dedupKey: transition.alert.dedupKey.text,
                isOpen: transition.alert.status == .open)
        }
        return keys.indices.sorted { keys[$0] < keys[$1] }.map { transitions[$0] }
    }
}
