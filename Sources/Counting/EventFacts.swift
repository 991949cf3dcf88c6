import Statistics
import TelemetryModel

/// What an event says beside its identity: of two deliveries with one identity, the same facts make the second one a repeat.
///
/// Time, and what `PipelinePlan.factPaths` names: source, name, region, account, principal, error and request. They are compared by a
/// hash under a secret of this process, so that nobody can prepare two that are taken for the same.
struct EventFacts: Sendable {
    private let slots: [Int]
    private let hash = KeyedHash.processLocal

    init(slots: [Int]) {
        self.slots = slots
    }

    func hash(_ event: borrowing EventView) -> UInt64 {
        var state = hash.combine(UInt64(bitPattern: event.time.nanoseconds), hash.initial)
        for slot in slots {
            let value = event[slot]
            state =
                value.isText || value.isJSON
                ? hash.combine(event.bytes(of: value), state) : hash.combine(UInt64(value.kind.rawValue), state)
        }
        return state
    }
}
