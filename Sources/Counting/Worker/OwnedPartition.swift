/// A partition in a worker's hands, with what the worker has beside it.
final class OwnedPartition {
    let state: PartitionState
    let decoder: DecoderBox
    /// Where its live counts are shown.
    let register: Int?
    /// What is shown is no longer what is.
    var isDirty = false

    init(_ state: PartitionState, decoder: DecoderBox, register: Int?) {
        self.state = state
        self.decoder = decoder
        self.register = register
    }
}
