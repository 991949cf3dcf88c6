import TelemetryModel

/// The events that were delivered before: the latest of them, when Kafka is read, or all, when files are.
package struct DeliveredEvents: Sendable {
    private var latest: EventIdentityWindow?
    private var all: EventIdentitySet?
    /// Those of the batch at hand; kept for its memory.
    private var delivered: [DeliveredEvent] = []

    /// Remembers as much as the window does, which a reader that starts anew can read back.
    package init(latest: EventIdentityWindow) {
        self.latest = latest
    }

    private init(all: EventIdentitySet) {
        self.all = all
    }

    /// Forgets nothing.
    package static var all: DeliveredEvents { DeliveredEvents(all: EventIdentitySet()) }

    /// Identities that were forgotten although they were recent enough.
    var evictions: Int { latest?.evictions ?? 0 }

    /// Takes in the events of a batch that have an identity, at `slot`, and says which of them stand how to those that were delivered
    /// before: in the order of the rows, those left out that came first.
    mutating func take(
        _ batch: borrowing EventBatch, payload: RawSpan, identityAt slot: Int, facts: EventFacts,
        at cursor: SourceCursor
    ) -> [(row: Int, delivery: EventDelivery)] {
        delivered.removeAll(keepingCapacity: true)
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            let identity = event[slot]
            guard identity.isText else { continue }
            let text = event.bytes(of: identity)
            if text.isEmpty { continue }
            delivered.append(
                DeliveredEvent(
                    row: row, index: event.record.index, identity: EventIdentity(text), facts: facts.hash(event)))
        }
        latest?.approach(delivered)
        all?.approach(delivered)
        var later: [(row: Int, delivery: EventDelivery)] = []
        for event in delivered {
            let delivery = take(event, at: cursor.offset(ofRecord: event.index))
            if delivery != .first { later.append((event.row, delivery)) }
        }
        return later
    }

    private mutating func take(_ event: DeliveredEvent, at offset: Int64) -> EventDelivery {
        if all != nil { return all?.take(event.identity, facts: event.facts) ?? .first }
        return latest?.take(event.identity, facts: event.facts, at: offset) ?? .first
    }

    /// As if nothing had been delivered.
    mutating func removeAll() {
        latest?.removeAll()
        if all != nil { all = EventIdentitySet() }
    }
}

/// An event of a batch, as it is compared with those before it.
struct DeliveredEvent: BitwiseCopyable {
    let row: Int
    /// Of its record in the source.
    let index: Int
    let identity: EventIdentity
    /// A hash of what the event says, of this process alone.
    let facts: UInt64
}

/// How an event stands to those that were delivered before it.
enum EventDelivery: Equatable {
    case first
    /// The same identity and the same facts: it counts once.
    case repeated
    /// The same identity, and nothing that was delivered under it says the same. One of them is not what it says it is; all count.
    case conflicting
}
