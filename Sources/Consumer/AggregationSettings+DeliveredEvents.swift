import Counting
import Settings

extension AggregationSettings {
    /// `nil` when every delivery is counted.
    func makeDeliveredEvents() -> DeliveredEvents? {
        guard deduplicationRecords > 0 else { return nil }
        return DeliveredEvents(
            latest: EventIdentityWindow(offsetsMax: deduplicationRecords, identitiesMax: deduplicationEvents))
    }
}
