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

    package static func sorted(_ transitions: [AlertTransition]) -> [AlertTransition] { sorted(transitions) { $0 } }

    /// Where two are alike, in the order in which they are given.
    package static func sorted<Item>(_ items: [Item], by transition: (Item) -> AlertTransition) -> [Item] {
        let keys = items.map { item in
            let alert = transition(item).alert
            return Key(time: alert.time, dedupKey: alert.dedupKey.text, isOpen: alert.status == .open)
        }
        return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { items[$0] }
    }
}
