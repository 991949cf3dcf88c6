import TelemetryModel

/// Where the counting stage puts the records that leave the pipeline one by one: files, or Kafka.
///
/// Called for each audit record and dead letter, never for an event that is only counted.
package protocol RecordSink: AnyObject {
    /// - Parameter position: of the event.
    func audit(_ record: [UInt8], at position: SourcePosition)
    func deadLetter(_ rejection: borrowing Rejection, at position: SourcePosition)
    /// One letter for the records of a Kafka message that have none of their own, with the message's bytes.
    ///
    /// - Parameter position: of the first of them.
    func deadLetter(_ rest: MessageRejections.Rest, of message: RawSpan, at position: SourcePosition)
}

extension RecordSink {
    /// Files have no messages, and no bound on letters.
    package func deadLetter(_ rest: MessageRejections.Rest, of message: RawSpan, at position: SourcePosition) {}
}
