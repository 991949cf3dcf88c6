/// Which alerts are open.
///
/// A value without clock or I/O. A transition is news only when it changes the book, so a condition that is reported
/// again, or a feed that is read twice, announces nothing a second time.
public struct AlertBook: Sendable, Equatable {
    private var openByKey: [DedupKey: AlertTransition] = [:]

    public init() {}

    public var openCount: Int { openByKey.count }

    /// The open alerts as they were announced, the oldest first; of equal ages by key.
    public var open: [AlertTransition] {
        openByKey.values.sorted {
            ($0.alert.openedAt, $0.alert.dedupKey.text) < ($1.alert.openedAt, $1.alert.dedupKey.text)
        }
    }

    public func openAlert(_ key: DedupKey) -> AlertTransition? { openByKey[key] }

    /// Whether the transition changes anything and is to be announced: opening what is open, or resolving what is not,
    /// does not.
    @discardableResult
    public mutating func apply(_ transition: AlertTransition) -> Bool {
        let key = transition.alert.dedupKey
        switch transition.alert.status {
        case .open:
            if openByKey[key] != nil { return false }
            openByKey[key] = transition
            return true
        case .resolved:
            return openByKey.removeValue(forKey: key) != nil
        }
    }

    /// Takes a record of the feed, in the feed's order: the last one of each key decides.
    public mutating func restore(_ transition: AlertTransition) {
        let key = transition.alert.dedupKey
        openByKey[key] = transition.alert.status == .open ? transition : nil
    }
}
