import Decoding
import Foundation
import Statistics
import TelemetryModel

/// `tidewatch-properties [CASES] [SEED] [--case NUMBER] [--large-bytes BYTES]`: documents written in every legal way give the same events in the
/// same order, live and as a file, and what is broken in them is a dead letter with all of its bytes.
///
/// A case that fails prints its number; `--case` with the seed runs it alone. Of 20,000 cases most are below 64 kB, 50
/// above 1 MB, and two of 100 MB are read as they are made, in bounded memory.
@main
enum Properties {
    static func main() {
        var numbers: [Int] = []
        var only: Int?
        var largeBytes = 100_000_000
        var arguments = CommandLine.arguments.dropFirst()
        while let argument = arguments.popFirst() {
            switch argument {
            case "--case": only = arguments.popFirst().flatMap { Int($0) }
            case "--large-bytes": largeBytes = arguments.popFirst().flatMap { Int($0) } ?? largeBytes
            default: numbers.append(Int(argument) ?? 0)
            }
        }
        let cases = numbers.first ?? 20_000
        let seed = UInt64(numbers.dropFirst().first ?? 1)
        say("seed \(seed), \(cases) cases")
        if let only {
            run(only, seed: seed)
        } else {
            for kind in [EventKind.cloudTrail, .vpcFlow] { LargeCase(kind: kind, seed: seed).run(bytes: largeBytes) }
            let started = Date()
            for number in 0..<cases { run(number, seed: seed) }
            say("\(cases) cases in \(Int(-started.timeIntervalSinceNow)) s: the same events in the same order")
        }
    }

    /// Every 400th case is above 1 MB: 50 of 20,000.
    private static func run(_ number: Int, seed: UInt64) {
        var random = SeededGenerator(seed: seed &* 1_000_003 &+ UInt64(number))
        let bytesMin = number % 400 == 399 ? 1_000_000 : random.below(random.chance(0.2) ? 40_000 : 4000)
        var documents = DocumentWriter(random: random)
        let document = documents.document(bytesMin: bytesMin)
        for format in [InputFormat.auto, document.format] {
            var live = MessageDecoder(format: format, projections: Outcomes.projections, limits: document.limits)
            var outcomes = Outcomes()
            let count = live.decode(document.bytes.span.bytes, to: &outcomes)
            check(outcomes, count: count, document, number, seed, "as a message, format \(format.rawValue)")
        }
        var stream = StreamDecoder(
            format: random.chance(0.5) ? .auto : document.format, projections: Outcomes.projections,
            limits: document.limits)
        var outcomes = Outcomes()
        let largest = 1 << (random.below(17) + (document.bytes.count > 100_000 ? 4 : 0))
        var place = 0
        while place < document.bytes.count {
            let end = min(document.bytes.count, place + 1 + random.below(largest))
            stream.feed(document.bytes.span.bytes.extracting(place..<end), to: &outcomes)
            place = end
        }
        stream.finish(to: &outcomes)
        check(
            outcomes, count: stream.recordsSeen, document, number, seed, "as a stream, chunks of up to \(largest)")
        stream.beginSource()
        var again = Outcomes()
        stream.feed(document.bytes.span.bytes, isWhole: true, to: &again)
        stream.finish(to: &again)
        check(again, count: stream.recordsSeen, document, number, seed, "as a file at once")
    }

    private static func check(
        _ outcomes: borrowing Outcomes, count: Int, _ document: Document, _ number: Int, _ seed: UInt64, _ how: String
    ) {
        let found = outcomes.all
        if found == document.expected, count == found.count, outcomes.isInOrder { return }
        say("case \(number) of seed \(seed) failed \(how): \(document.story), \(document.bytes.count) bytes")
        say("  repeat it with: tidewatch-properties 0 \(seed) --case \(number)")
        say("  expected \(document.expected.count) outcomes, found \(found.count), counted \(count)")
        let shared = zip(found, document.expected).prefix { $0 == $1 }.count
        say("  the first difference is at \(shared):")
        say("    expected \(shared < document.expected.count ? "\(document.expected[shared])" : "nothing")")
        say("    found    \(shared < found.count ? "\(found[shared])" : "nothing")")
        if document.bytes.count < 200_000 {
            try? Data(document.bytes).write(to: URL(fileURLWithPath: "/tmp/property-case"))
        }
        exit(1)
    }

    static func say(_ line: String) {
        print(line)
        fflush(nil)
    }
}

/// What became of a record.
enum Outcome: Equatable, CustomStringConvertible {
    /// The text fields that identify it, and its time.
    case event(EventKind, Timestamp, [String])
    /// The bytes of the dead letter.
    case rejected([UInt8])

    var description: String {
        switch self {
        case .event(let kind, let time, let fields): "\(kind) \(time) \(fields)"
        case .rejected(let bytes):
            "dead letter " + String(reflecting: String(decoding: bytes.prefix(300), as: UTF8.self))
        }
    }
}

struct Outcomes: ~Copyable, EventConsumer {
    private(set) var all: [Outcome] = []
    private(set) var isInOrder = true
    private var reasons: [RejectionReason] = []
    private var next = 0

    static let projections = ProjectionSet(
        cloudTrail: Projection(
            kind: .cloudTrail, fields: [FieldPath(keys: "eventID"), FieldPath(keys: "requestParameters", "note")]),
        vpcFlow: Projection(kind: .vpcFlow, fields: [FieldPath(keys: "interface_id"), FieldPath(keys: "log_status")]),
        metric: Projection(kind: .metric, fields: [FieldPath(keys: "metric_name"), FieldPath(keys: "namespace")]))

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        for row in 0..<batch.count {
            let event = batch.row(row, of: payload)
            var fields: [String] = []
            for slot in 0..<batch.width {
                let value = event[slot]
                fields.append(value.isText ? Outcomes.text(event.bytes(of: value)) : "\(value.kind)")
            }
            note(event.record.index)
            all.append(.event(batch.projection.kind, event.time, fields))
        }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        var bytes = rejection.original.withUnsafeBytes { [UInt8]($0) }
        if rejection.part.beginsRecord {
            note(rejection.recordIndex)
        } else if case .rejected(let before) = all.popLast() {
            bytes = before + bytes
        }
        // The carriage return of a flow log's line stays with it.
        if bytes.last == 0x0D { bytes.removeLast() }
        all.append(.rejected(bytes))
    }

    private mutating func note(_ index: Int) {
        if index != next { isInOrder = false }
        next += 1
    }

    static func text(_ bytes: RawSpan) -> String {
        bytes.withUnsafeBytes { String(decoding: $0, as: UTF8.self) }
    }
}
