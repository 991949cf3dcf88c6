import TelemetryModel

/// The values that a kind of event needs whatever is projected, by the numbers that its tree gives them.
typealias RequiredValues = InlineArray<8, FieldValue>

/// What one kind of JSON event adds to the mechanism that all share.
protocol JSONEventFormat {
    static var kind: EventKind { get }
    /// Whether JSON values must be compact.
    static var isCompacting: Bool { get }
    /// What the projection asks for, with the values that `finish` needs.
    static func tree(for projection: Projection) -> ProjectionTree
    init(projection: Projection)
    /// The time of records that have none.
    var sourceTimes: SourceTimes { get set }
    /// Checks the required values, fills slots that are made and not read, and says when the event was.
    mutating func finish(
        _ required: RequiredValues, of payload: RawSpan, place: Range<Int>, _ batch: inout EventBatch
    ) throws(RecordFault) -> Timestamp
}
