import TelemetryModel

/// Where the counting stage puts the records that leave the pipeline one by one: files, or Kafka.
///
/// Called for each audit record and dead letter, never for an event that is only counted.
protocol RecordOutlet: AnyObject {
    func audit(_ record: [UInt8])
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition)
}
