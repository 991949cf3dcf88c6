import Alerting

/// The order in which transitions are published: by event time, then by dedup key, so that it does not depend on which
/// resource was evaluated first.
package enum AlertOrder {
    private struct Key: Comparable {
        let dedupKey: String
        let revision: AlertRevision

        static func < (left: Key, right: Key) -> Bool {
            if left.revision.time != right.revision.time { return left.revision.time < right.revision.time }
            if left.dedupKey != right.dedupKey { return left.dedupKey < right.dedupKey }
            return left.revision < right.revision
        }
    }

    package static func sorted(_ transitions: [AlertTransition]) -> [AlertTransition] { sorted(transitions) { $0 } }

    /// Where two are alike, in the order in which they are given.
    package static func sorted<Item>(_ items: [Item], by transition: (Item) -> AlertTransition) -> [Item] {
        let keys = items.map { item in
            let alert = transition(item).alert
            return Key(
                dedupKey: alert.dedupKey.text,
                revision: AlertRevision(time: alert.time, isOpen: alert.status == .open))
        }
        return keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }.map { items[$0] }
    }
}
