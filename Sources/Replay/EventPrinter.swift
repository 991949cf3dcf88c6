import Decoding
import Files
import Foundation
import JSON
import TelemetryModel
import Text

/// Decodes files and prints every event as a JSON line: the work of `tidewatch decode`.
public struct EventPrinter: ~Copyable {
    public struct Counts: Sendable {
        public fileprivate(set) var decoded = 0
        public fileprivate(set) var deadLettered: [RejectionReason: Int] = [:]

        public var deadLetteredTotal: Int { deadLettered.values.reduce(0, +) }
    }

    private let limits: DecodingLimits
    private let format: InputFormat
    private let flowFields: FlowLogFieldList?
    private var consumer: Consumer
    private var decoder: StreamDecoder

    /// - Parameters:
    ///   - print: takes whole lines, with their newlines, in which active characters are escapes of JSON.
    ///   - deadLetter: takes the JSON lines of the records that could not be decoded, with their newlines; a long one in pieces.
    public init(
        format: InputFormat, flowFields: FlowLogFieldList?, limits: DecodingLimits = DecodingLimits(),
        print: @escaping ([UInt8]) -> Void, deadLetter: @escaping ([UInt8]) -> Void
    ) {
        self.format = format
        self.flowFields = flowFields
        self.limits = limits
        let projections = ProjectionSet(
            cloudTrail: EventJSONWriter.fullProjection(.cloudTrail),
            vpcFlow: EventJSONWriter.fullProjection(.vpcFlow, flowFields: flowFields),
            metric: EventJSONWriter.fullProjection(.metric))
        consumer = Consumer(projections: projections, print: print, deadLetter: deadLetter)
        decoder = StreamDecoder(format: format, projections: projections, limits: limits, flowFields: flowFields)
    }

    public var counts: Counts { consumer.counts }

    /// Prints a file's events. `progress` is told the bytes read of it so far, once for each chunk.
    public mutating func print(file: String, progress: (Int) -> Void = { _ in }) throws {
        var reader = try UnsafeFileReader(path: file)
        consumer.file = file
        defer { consumer.endDeadLetters() }
        decoder.beginSource()
        var isAtEnd = false
        while !isAtEnd {
            isAtEnd = try !reader.next { decoder.feed($0, isWhole: $1, to: &consumer) }
            while decoder.resume(to: &consumer) {}
            progress(decoder.bytesSeen)
        }
        decoder.finish(to: &consumer)
        consumer.flush()
    }

    private struct Consumer: ~Copyable, EventConsumer {
        private static let flushBytes = 64 * 1024

        var writers: [EventKind: EventJSONWriter]
        let print: ([UInt8]) -> Void
        let deadLetter: ([UInt8]) -> Void
        var file = ""
        var counts = Counts()
        private var output: [UInt8] = []
        private var json = JSONWriter()
        private var deadLetters = DeadLetterLines()

        init(
            projections: ProjectionSet, print: @escaping ([UInt8]) -> Void, deadLetter: @escaping ([UInt8]) -> Void
        ) {
            writers = Dictionary(
                uniqueKeysWithValues: EventKind.allCases.map { ($0, EventJSONWriter(projections[$0])) })
            self.print = print
            self.deadLetter = deadLetter
        }

        mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
            let kind = batch.projection.kind.rawValue
            let writer = writer(for: batch.projection)
            for row in 0..<batch.count {
                let event = batch.row(row, of: payload)
                json.removeAll()
                SourcePosition.file(name: file, record: event.record.index).write(to: &json)
                output.append(contentsOf: #"{"type":"\#(kind)","time":"\#(event.time)","position":"#.utf8)
                output.append(contentsOf: json.bytes)
                output.append(contentsOf: #","event":"#.utf8)
                writer.append(event, to: &output)
                output.append(contentsOf: "}\n".utf8)
                if output.count >= Consumer.flushBytes { flush() }
            }
            counts.decoded += batch.count
        }

        private mutating func writer(for projection: Projection) -> EventJSONWriter {
            if let writer = writers[projection.kind], writer.writes(projection) { return writer }
            let writer = EventJSONWriter(projection)
            writers[projection.kind] = writer
            return writer
        }

        mutating func reject(_ rejection: borrowing Rejection) {
            if rejection.part.beginsRecord { counts.deadLettered[rejection.reason, default: 0] += 1 }
            deadLetter(deadLetters.take(rejection, at: .file(name: file, record: rejection.recordIndex)))
        }

        mutating func flush() {
            if !output.isEmpty { self.print(Inert.json(output)) }
            output.removeAll(keepingCapacity: true)
        }

        mutating func endDeadLetters() {
            let rest = deadLetters.end()
            if !rest.isEmpty { deadLetter(rest) }
        }
    }
}
