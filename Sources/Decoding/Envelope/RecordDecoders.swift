import TelemetryModel

/// The decoders of records, one for each way that records are written.
struct RecordDecoders: ~Copyable {
    /// A way that records are written, apart from any envelope.
    enum Target: Equatable {
        case cloudTrail
        case flowLog
        case metricStream
        case otlpJSON
        case otlp
        case delimitedOTLP
        case remoteWrite
        case metricData

        /// Whether records are JSON objects that follow one another.
        var isRun: Bool { self == .cloudTrail || self == .metricStream }
    }

    var flowLog: FlowLogDecoder
    private var cloudTrail: JSONRecordDecoder<CloudTrailFormat>
    private var metricStream: JSONRecordDecoder<MetricStreamJSONFormat>
    private var otlpJSON: OTLPJSONDecoder
    private var otlp: OTLPDecoder
    private var delimitedOTLP: OTLPDecoder
    private var remoteWrite: RemoteWriteDecoder
    private var metricData: MetricDataDecoder

    /// The time of records that have none of their own.
    let sourceTimes = SourceTimes()

    init(projections: ProjectionSet, limits: DecodingLimits, flowFields: FlowLogFieldList?) {
        flowLog = FlowLogDecoder(projection: projections[.vpcFlow], limits: limits, fields: flowFields)
        cloudTrail = JSONRecordDecoder(projection: projections[.cloudTrail], limits: limits)
        let metric = projections[.metric]
        metricStream = JSONRecordDecoder(projection: metric, limits: limits)
        let options = projections.metricOptions
        otlpJSON = OTLPJSONDecoder(projection: metric, limits: limits, options: options)
        otlp = OTLPDecoder(projection: metric, limits: limits, framing: .bare, options: options)
        delimitedOTLP = OTLPDecoder(projection: metric, limits: limits, framing: .varintDelimited, options: options)
        remoteWrite = RemoteWriteDecoder(projection: metric, limits: limits, options: options)
        metricData = MetricDataDecoder(projection: metric, limits: limits, options: options)
        flowLog.sourceTimes = sourceTimes
        cloudTrail.sourceTimes = sourceTimes
        metricStream.sourceTimes = sourceTimes
        otlpJSON.sourceTimes = sourceTimes
        otlp.sourceTimes = sourceTimes
        delimitedOTLP.sourceTimes = sourceTimes
        remoteWrite.sourceTimes = sourceTimes
    }

    /// Points of OTLP/JSON with the flag "no recorded value" so far.
    var otlpPointsWithoutValue: Int { otlpJSON.pointsWithoutValue }

    /// Decodes the objects of a run of CloudTrail or metric-stream records.
    mutating func decodeRun(
        _ text: RawSpan, from start: Int, as target: Target, inArray: Bool, isLast: Bool, record: inout Int,
        to consumer: inout some EventConsumer & ~Copyable
    ) -> RecordRun {
        target == .cloudTrail
            ? cloudTrail.decode(
                text, from: start, inArray: inArray, isLast: isLast, record: &record, to: &consumer)
            : metricStream.decode(
                text, from: start, inArray: inArray, isLast: isLast, record: &record, to: &consumer)
    }

    /// Decodes what is there as a whole. Returns how many records there were, decoded and rejected.
    mutating func decode(
        _ payload: RawSpan, as target: Target, firstRecord: Int, to consumer: inout some EventConsumer & ~Copyable
    ) -> Int {
        switch target {
        case .cloudTrail, .metricStream: preconditionFailure("records of JSON come in runs")
        case .flowLog: flowLog.decode(payload, firstRecord: firstRecord, to: &consumer)
        case .otlpJSON: otlpJSON.decode(payload, firstRecord: firstRecord, to: &consumer)
        case .otlp: otlp.decode(payload, firstRecord: firstRecord, to: &consumer)
        case .delimitedOTLP: delimitedOTLP.decode(payload, firstRecord: firstRecord, to: &consumer)
        case .remoteWrite: remoteWrite.decode(payload, firstRecord: firstRecord, to: &consumer)
        case .metricData: metricData.decode(payload, firstRecord: firstRecord, to: &consumer)
        }
    }
}

extension InputFormat {
    /// The decoder for records of this format; `nil` for `auto`, where each message decides.
    var target: RecordDecoders.Target? {
        switch self {
        case .auto: nil
        case .cloudTrail: .cloudTrail
        case .vpcFlow: .flowLog
        case .metricStreamJSON: .metricStream
        case .metricStreamOTLP: .delimitedOTLP
        case .otlpJSON: .otlpJSON
        case .otlp: .otlp
        case .prometheusRemoteWrite: .remoteWrite
        }
    }
}

extension JSONShape {
    /// The decoder for an object of this shape; `nil` for envelopes and for what is not known.
    var target: RecordDecoders.Target? {
        switch self {
        case .cloudTrail: .cloudTrail
        case .metricStream: .metricStream
        case .otlp: .otlpJSON
        case .metricData: .metricData
        default: nil
        }
    }
}
