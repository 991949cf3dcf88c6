import TelemetryModel

/// What each alert did, by the alert feed: its changes in the order of event time, each once.
///
/// An evaluator that was declared dead may write late what its successor has written too. The two records are one change;
/// they have different epochs.
struct FeedHistory {
    struct Change: Hashable, CustomStringConvertible {
        var isOpen: Bool
        var time: Timestamp

        var description: String { "\(isOpen ? "open" : "resolved") at \(time)" }
    }

    private var epochs: [String: [Change: Set<Int64>]] = [:]
    private(set) var records = 0
    /// Records of a change that an evaluator of another epoch had written before.
    private(set) var writtenAgain = 0
    /// Records of alerts that were past when they opened, and were open still when event time had caught up.
    private(set) var saidAgain = 0
    private var twice: [String] = []

    /// - Parameter place: where the record is, for a message.
    mutating func add(_ change: Change, of key: String, epoch: Int64, at place: String) {
        records += 1
        if let former = epochs[key]?[change] {
            if former.contains(epoch) { twice.append("\(key) is \(change) twice, again at \(place)") }
            writtenAgain += 1
        }
        epochs[key, default: [:]][change, default: []].insert(epoch)
    }

    /// Takes a record that says once more what is open.
    mutating func sayAgain(_ change: Change, of key: String, at place: String) {
        saidAgain += 1
        if !change.isOpen || epochs[key]?[change] == nil {
            twice.append("\(key) is said again, \(change), at \(place), and never was")
        }
    }

    var keys: [String] { epochs.keys.sorted() }

    func changes(of key: String) -> [Change] {
        (epochs[key] ?? [:]).keys.sorted { ($0.time, $0.isOpen ? 0 : 1) < ($1.time, $1.isOpen ? 0 : 1) }
    }

    /// Where an alert does not open and resolve in turn, or something stands there twice.
    var problems: [String] {
        twice
            + keys.flatMap { key -> [String] in
                let changes = changes(of: key)
                return changes.indices.compactMap { index -> String? in
                    let before = index > 0 ? changes[index - 1] : nil
                    let isInTurn = changes[index].isOpen == !(before?.isOpen ?? false)
                    let isLater = before.map { $0.time < changes[index].time } ?? true
                    if isInTurn, isLater { return nil }
                    return "\(key) is \(changes[index]) after \(before.map { "\($0)" } ?? "nothing")"
                }
            }
    }
}
