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

    /// Takes in an event, and says whether it was delivered before.
    mutating func isDuplicate(_ text: RawSpan, at offset: Int64) -> Bool {
        if all != nil { return all?.insert(EventIdentity(text)) == false }
        return latest?.isDuplicate(text, at: offset) ?? false
    }

    /// As if nothing had been delivered.
    mutating func removeAll() {
        latest?.removeAll()
        if all != nil { all = EventIdentitySet() }
    }
}
