import Alerting
import Records
import TelemetryModel

/// The newest transition of each alert in the feed.
package struct FeedAlerts: Sendable {
    /// In the order of time and dedup key.
    package var latest: [AlertTransition] { AlertOrder.sorted(Array(newest.values)) }
    private var newest: [String: AlertTransition] = [:]
    /// The first record that could not be read.
    package private(set) var unreadable: UnreadableRecord?

    package init() {}

    /// Takes the feed's records, in any order.
    package mutating func read(_ json: [UInt8], at place: TopicPlace) {
        do {
            let transition = try AlertTransition(json: json)
            // The latest in event time, not in the topic: an owner that was declared dead may write late.
            if let held = newest[transition.alert.dedupKey.text], held.isLater(than: transition) { return }
            newest[transition.alert.dedupKey.text] = transition
        } catch {
            unreadable = unreadable ?? UnreadableRecord(place, "\(error)")
        }
    }
}

extension AlertTransition {
    fileprivate func isLater(than other: AlertTransition) -> Bool {
        if alert.time != other.alert.time { return alert.time > other.alert.time }
        return alert.status == .open && other.alert.status != .open
    }
}
