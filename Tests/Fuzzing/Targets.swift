import Decoding
import Expressions
import Statistics
import TelemetryModel
import TestFilters

/// One thing that takes bytes from outside.
struct FuzzTarget: Sendable {
    let name: String
    let corpus: [[UInt8]]
    /// Makes what takes the inputs, one after the other, as a process that runs for long does; it says what is wrong with
    /// one, or `nil`.
    let start: @Sendable () -> ([UInt8]) -> String?

    static let all: [FuzzTarget] =
        InputFormat.allCases.map(decoder) + [stream, expression, filterIndex]

    private static let projections = ProjectionSet(
        cloudTrail: Projection(
            kind: .cloudTrail,
            fields: [
                FieldPath(keys: "eventName"), FieldPath(keys: "userIdentity", "principalId"),
                FieldPath(keys: "requestParameters"), FieldPath(keys: "requestParameters", "x-y"),
                FieldPath([.key("resources"), .index(0), .key("ARN")]), FieldPath(keys: "errorCode"),
            ]),
        vpcFlow: EventJSONWriter.fullProjection(.vpcFlow), metric: EventJSONWriter.fullProjection(.metric))

    private static let limits = DecodingLimits(expandedBytesMax: 1 << 20, nestingMax: 64, recordBytesMax: 256 << 10)

    private static func corpus(_ format: InputFormat) -> [[UInt8]] {
        switch format {
        case .auto:
            Corpus.cloudTrail + Corpus.flowLogs + Corpus.headers + Corpus.metrics + Corpus.metricData + Corpus.foreign
                + Corpus.envelopes + Corpus.otlpJSON + Corpus.protobuf
        case .cloudTrail: Corpus.cloudTrail + Corpus.envelopes + Corpus.foreign
        case .vpcFlow: Corpus.flowLogs + Corpus.headers + Corpus.envelopes + Corpus.foreign
        case .metricStreamJSON: Corpus.metrics + Corpus.metricData
        case .metricStreamOTLP, .otlp: Corpus.protobuf
        case .otlpJSON: Corpus.otlpJSON
        case .prometheusRemoteWrite: Corpus.remoteWrite + Corpus.protobuf
        }
    }

    /// Every record that a decoder says it saw must have come out, decoded or rejected.
    private static func decoder(_ format: InputFormat) -> FuzzTarget {
        FuzzTarget(name: format.rawValue, corpus: corpus(format)) {
            let box = MessageDecoderBox(format: format, projections: projections, limits: limits)
            return { input in
                var consumer = TouchingConsumer()
                let seen = box.decoder.decode(input.span.bytes, to: &consumer)
                return consumer.complaint(seen: seen)
            }
        }
    }

    private static let stream = FuzzTarget(name: "stream", corpus: corpus(.auto)) {
        let box = StreamDecoderBox(projections: projections, limits: limits)
        return { input in
            var consumer = TouchingConsumer()
            box.decoder.beginSource()
            // Two chunks, cut where the input itself says, so that lines straddle them.
            let cut = input.isEmpty ? 0 : Int(input[input.count / 2]) % (input.count + 1)
            box.decoder.feed(input.span.bytes.extracting(0..<cut), to: &consumer)
            box.decoder.feed(input.span.bytes.extracting(cut..<input.count), to: &consumer)
            box.decoder.finish(to: &consumer)
            return consumer.complaint(seen: box.decoder.recordsSeen)
        }
    }

    private static let expression = FuzzTarget(name: "expression", corpus: Corpus.expressions) {
        { input in
            let source = String(decoding: input, as: UTF8.self)
            for kind in EventKind.allCases {
                var builder = ProjectionBuilder(kind: kind)
                guard
                    let program = try? ExpressionCompiler.compile(source, over: .event(kind), projection: &builder)
                else { continue }
                var evaluator = EvaluatingConsumer(program: program)
                let projection = builder.projection
                var decoder = MessageDecoder(
                    projections: ProjectionSet(
                        cloudTrail: kind == .cloudTrail ? projection : nil,
                        vpcFlow: kind == .vpcFlow ? projection : nil, metric: kind == .metric ? projection : nil),
                    limits: limits)
                for record in samples(kind) { _ = decoder.decode(record.span.bytes, to: &evaluator) }
            }
            return nil
        }
    }

    /// Sets of filters and events that a number from the input makes: what the index finds is what each filter by itself says.
    private static let filterIndex = FuzzTarget(name: "filter-index", corpus: Corpus.expressions) {
        var (set, left): (FilterSet?, Int) = (nil, 0)
        return { input in
            var generator = SeededGenerator(
                seed: input.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
            if left == 0 { (set, left) = (FilterSet.random(using: &generator), 20) }
            left -= 1
            let rows = Int.random(in: 0..<64, using: &generator) == 0 ? 300 : Int.random(in: 1...8, using: &generator)
            return set?.compare((0..<rows).map { _ in RandomFilter.event(using: &generator) }).difference
        }
    }

    private static func samples(_ kind: EventKind) -> [[UInt8]] {
        switch kind {
        case .cloudTrail: Array(Corpus.cloudTrail.prefix(2))
        case .vpcFlow: Array(Corpus.flowLogs.prefix(2))
        case .metric: Array(Corpus.metrics.prefix(2))
        }
    }
}

/// A decoder behind a reference, so that a closure can keep it.
private final class MessageDecoderBox {
    var decoder: MessageDecoder

    init(format: InputFormat, projections: ProjectionSet, limits: DecodingLimits) {
        decoder = MessageDecoder(format: format, projections: projections, limits: limits)
    }
}

private final class StreamDecoderBox {
    var decoder: StreamDecoder

    init(projections: ProjectionSet, limits: DecodingLimits) {
        decoder = StreamDecoder(projections: projections, limits: limits)
    }
}

/// Looks at every byte that a decoder points to, so that a place outside of the message shows.
struct TouchingConsumer: ~Copyable, EventConsumer {
    private var decoded = 0
    private var rejected = 0
    private var sum: UInt64 = 0

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            for slot in 0..<batch.width {
                let value = event[slot]
                if value.isText || value.isJSON { touch(event.bytes(of: value)) }
            }
            touch(event.recordBytes)
        }
        decoded += batch.count
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        if rejection.part.beginsRecord { rejected += 1 }
        touch(rejection.original)
    }

    func complaint(seen: Int) -> String? {
        decoded + rejected == seen ? nil : "\(seen) records seen, \(decoded) decoded and \(rejected) rejected"
    }

    private mutating func touch(_ bytes: RawSpan) {
        bytes.withUnsafeBytes { for byte in $0 { sum &+= UInt64(byte) } }
    }
}

private struct EvaluatingConsumer: EventConsumer {
    let program: Program
    private(set) var matched = 0

    init(program: Program) {
        self.program = program
    }

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for row in 0..<batch.count where batch.projection.kind == programKind(batch) {
            if program.matches(batch.row(row, of: payload)) { matched += 1 }
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {}

    /// Batches of a kind that the program was not compiled for have no slots.
    private func programKind(_ batch: borrowing EventBatch) -> EventKind? {
        batch.width > 0 ? batch.projection.kind : nil
    }
}
