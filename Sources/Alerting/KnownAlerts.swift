import TelemetryModel

/// Which alerts are open.
///
/// A value without clock or I/O. A transition is announced only when it changes what is known, so a condition that is reported
/// again, or a feed that is read twice, announces nothing a second time.
///
/// Of alerts that are over it remembers the latest ones, so that their records under former owners' keys can be taken back
/// when they open again. What it has forgotten stays in the feed until retention takes it, and misleads nobody: it is not the latest.
public struct KnownAlerts: Sendable, Equatable {
    /// How many alerts that are over are remembered. At about 150 bytes each they stay a small part of a record.
    public static let endingsMax = 200

    private var standings: [DedupKey: AlertStanding] = [:]
    private var endingsByKey: [DedupKey: AlertEnding] = [:]

    public init() {}

    public var openCount: Int { standings.count }

    /// The open alerts as they were announced, the oldest first; of equal ages by key.
    public var open: [AlertStanding] {
        standings.values.sorted { left, right in
            let (left, right) = (left.transition.alert, right.transition.alert)
            return (left.openedAt, left.dedupKey.text) < (right.openedAt, right.dedupKey.text)
        }
    }

    /// The open alerts of which sinks got nothing, in the same order.
    public var past: [AlertStanding] { standings.values.contains(where: \.isPast) ? open.filter(\.isPast) : [] }

    /// The last alerts that ended, the newest first; of equal times by key.
    public var endings: [AlertEnding] { KnownAlerts.latest(endingsByKey) }

    private static func latest(_ endings: [DedupKey: AlertEnding]) -> [AlertEnding] {
        let sorted = endings.values.sorted { ($1.time, $0.key.text) < ($0.time, $1.key.text) }
        return Array(sorted.prefix(endingsMax))
    }

    public func isOpen(_ key: DedupKey) -> Bool { standings[key] != nil }

    /// When the alert of this key opened; `nil` where it is not open.
    public func openedAt(_ key: DedupKey) -> Timestamp? { standings[key]?.transition.alert.openedAt }

    /// The transition as it is to be announced; `nil` where it changes nothing. An end is of the kind that opened, whatever other conditions its
    /// alert has.
    public mutating func announce(_ transition: AlertTransition) -> AlertTransition? {
        var transition = transition
        if let kind = standings[transition.alert.dedupKey]?.transition.alert.kind { transition.alert.kind = kind }
        return apply(transition) ? transition : nil
    }

    /// Whether the transition changes anything and is to be announced: opening what is open, or resolving what is not,
    /// does not.
    @discardableResult
    public mutating func apply(_ transition: AlertTransition) -> Bool {
        let key = transition.alert.dedupKey
        switch transition.alert.status {
        case .open:
            if standings[key] != nil { return false }
            standings[key] = AlertStanding(transition, epochs: endingsByKey.removeValue(forKey: key)?.epochs ?? [])
            return true
        case .resolved:
            guard let standing = standings.removeValue(forKey: key) else { return false }
            restore(AlertEnding(key, time: transition.alert.time, epochs: standing.epochs))
            return true
        }
    }

    /// Takes an alert as a state or the feed has it.
    public mutating func restore(_ standing: AlertStanding) {
        let key = standing.transition.alert.dedupKey
        endingsByKey[key] = nil
        standings[key] = standing
    }

    public mutating func restore(_ ending: AlertEnding) {
        standings[ending.key] = nil
        endingsByKey[ending.key] = ending
        if endingsByKey.count > 2 * KnownAlerts.endingsMax {
            endingsByKey = Dictionary(uniqueKeysWithValues: KnownAlerts.latest(endingsByKey).map { ($0.key, $0) })
        }
    }

    /// An open alert is to be resolved at this event time unless something judges it by then; at none with `nil`.
    public mutating func setEnd(of key: DedupKey, at time: Timestamp?) { standings[key]?.endsAt = time }

    // MARK: What goes into the feed

    /// A record of the transition goes into the feed under this key.
    ///
    /// - Parameters:
    ///   - former: an owner that may have written one of it, too.
    ///   - isPast: sinks get nothing of it.
    public mutating func note(_ transition: AlertTransition, under key: FeedKey, former: Int64? = nil, isPast: Bool) {
        let epochs = Set([key.epoch] + (former.map { [$0] } ?? []))
        standings[key.dedupKey]?.epochs.formUnion(epochs)
        endingsByKey[key.dedupKey]?.epochs.formUnion(epochs)
        if standings[key.dedupKey]?.transition == transition { standings[key.dedupKey]?.isPast = isPast }
    }

    /// Forgets the records under all other keys, of alerts that have one under `epoch`, which is the latest.
    ///
    /// - Returns: the others, to be taken back.
    public mutating func takeSuperseded(by epoch: Int64?) -> [FeedKey] {
        var others: [FeedKey] = []
        func settled(_ key: DedupKey, _ epochs: Set<Int64?>) -> Set<Int64?> {
            guard epochs.count > 1, epochs.contains(epoch) else { return epochs }
            others += epochs.subtracting([epoch]).map { FeedKey(key, epoch: $0) }
            return [epoch]
        }
        for (key, standing) in standings { standings[key]?.epochs = settled(key, standing.epochs) }
        for (key, ending) in endingsByKey { endingsByKey[key]?.epochs = settled(key, ending.epochs) }
        return others.sorted()
    }
}
