/// The events that were delivered before: the latest of them, when Kafka is read, or all, when files are.
package struct DeliveredEvents: Sendable {
    private var latest: EventIdentityWindow?
    private var all: EventIdentitySet?

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

    /// Takes in an event, and says how it stands to those that were delivered before.
    ///
    /// - Parameter facts: a hash of what the event says, of this process alone.
    mutating func take(_ text: RawSpan, facts: UInt64, at offset: Int64) -> EventDelivery {
        let identity = EventIdentity(text)
        if all != nil { return all?.take(identity, facts: facts) ?? .first }
        return latest?.take(identity, facts: facts, at: offset) ?? .first
    }

    /// As if nothing had been delivered.
    mutating func removeAll() {
        latest?.removeAll()
        if all != nil { all = EventIdentitySet() }
    }
}

/// How an event stands to those that were delivered before it.
enum EventDelivery: Equatable {
    case first
    /// The same identity and the same facts: it counts once.
    case repeated
    /// The same identity, and nothing that was delivered under it says the same. One of them is not what it says it is; all count.
    case conflicting
}
