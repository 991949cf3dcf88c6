import Alerting
import Records
import TelemetryModel

/// What is beside a transition in the feed.
package struct FeedMark: Sendable, Equatable {
    /// Of the evaluator that published it; 0 where none is said.
    package var epoch: Int64
    /// It opened nothing in a sink.
    package var isPast: Bool
    /// Set where an alert is said again: it was still open at this event time.
    package var openAt: Timestamp?

    package init(epoch: Int64 = 0, isPast: Bool = false, openAt: Timestamp? = nil) {
        self.epoch = epoch
        self.isPast = isPast
        self.openAt = openAt
    }
}

/// The state of each alert of the feed: its latest transition in event time, then in the epoch of the evaluator that published it, whatever
/// the order in the topic. An owner that was declared dead may write late.
///
/// Records of all forms are read: what alert it is says the record, not its key.
package struct FeedAlerts: Sendable {
    struct Latest {
        var transition: AlertTransition
        var mark: FeedMark
        /// Under which keys there are records of the alert: those without an epoch as `nil`.
        var epochs: Set<Int64?>
    }

    private var newest: [DedupKey: Latest] = [:]
    /// The first record that could not be read.
    package private(set) var unreadable: UnreadableRecord?

    package init() {}

    /// In the order of time and dedup key.
    package var latest: [AlertTransition] { standings.map(\.transition) }

    var standings: [Latest] { AlertOrder.sorted(Array(newest.values)) { $0.transition } }

    /// Takes the feed's records: those of one alert and owner in the topic's order. One without a value takes another back, and says
    /// nothing of the alert.
    package mutating func read(_ json: [UInt8], key: [UInt8], _ mark: FeedMark, at place: TopicPlace) {
        if json.isEmpty { return }
        do throws(AlertRecordError) {
            let transition = try AlertTransition(json: json)
            let isPlain = key.elementsEqual(transition.alert.dedupKey.text.utf8)
            take(Latest(transition: transition, mark: mark, epochs: [isPlain ? nil : mark.epoch]))
        } catch {
            unreadable = unreadable ?? UnreadableRecord(place, "\(error)")
        }
    }

    private mutating func take(_ record: Latest) {
        let key = record.transition.alert.dedupKey
        guard let held = newest[key] else {
            newest[key] = record
            return
        }
        var latest = held.revision > record.revision ? held : record
        latest.epochs = held.epochs.union(record.epochs)
        newest[key] = latest
    }
}

extension FeedAlerts.Latest {
    fileprivate var revision: AlertRevision {
        let time = max(transition.alert.time, mark.openAt ?? transition.alert.time)
        return AlertRevision(time: time, epoch: mark.epoch, isOpen: transition.alert.status == .open)
    }
}
