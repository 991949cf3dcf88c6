/// A partition in a worker's hands, with what the worker has beside it.
final class OwnedPartition {
    let state: PartitionState
    let decoder: DecoderBox
    /// Where its live counts are shown.
    let register: Int?
    /// What is shown is no longer what is.
    var isDirty = false
    /// It has passed an end at which something is judged, and waits for its flush.
    var isPastEnd = false
    /// How often it was flushed at once since the flush of all at this time.
    var promptFlushes = (count: 0, since: Duration.zero)

    init(_ state: PartitionState, decoder: DecoderBox, register: Int?) {
        self.state = state
        self.decoder = decoder
        self.register = register
    }
}
