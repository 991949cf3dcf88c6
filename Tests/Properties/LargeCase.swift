import Decoding
import Foundation
import Statistics
import TelemetryModel
import TestSupport

/// A document of 100 MB, read as it is made: a list of CloudTrail records without a line break, or a gzip'd subscription of
/// CloudWatch Logs.
struct LargeCase {
    let kind: EventKind
    let seed: UInt64

    /// What the process may hold at most, of a document that would not fit into it.
    private static let memoryBytesMax = 200 << 20

    func run(bytes: Int) {
        var random = SeededGenerator(seed: seed)
        var writer = RecordWriter(kind: kind)
        var decoder = StreamDecoder(projections: Outcomes.projections)
        var consumer = DigestConsumer()
        let gzip = kind == .vpcFlow ? GzipWriter() : nil
        var expected = Digest()
        var chunk = Array((kind == .vpcFlow ? #"{"messageType":"DATA_MESSAGE","logEvents":["# : #"{"Records":["#).utf8)
        var written = 0
        var isFirst = true
        while written < bytes {
            for _ in 0..<64 {
                let record = writer.next(&random, mayBreak: true)
                expected.add(record.outcome)
                if !isFirst { chunk.append(0x2C) }
                isFirst = false
                chunk +=
                    kind == .vpcFlow
                    ? Array(#"{"id":"1","timestamp":1,"message":"#.utf8) + Spelling.string(record.bytes) + [0x7D]
                    : record.bytes
            }
            written += chunk.count
            feed(chunk, gzip, isLast: false, &decoder, &consumer)
            chunk.removeAll(keepingCapacity: true)
        }
        feed(Array("]}".utf8), gzip, isLast: true, &decoder, &consumer)
        decoder.finish(to: &consumer)
        let peak = peakMemoryBytes()
        Properties.say(
            "\(written) bytes of \(kind) in one document: \(consumer.digest.events) events, "
                + "\(consumer.digest.rejections) dead letters, at most \(peak >> 20) MB held")
        guard consumer.digest == expected, decoder.recordsSeen == expected.events + expected.rejections else {
            Properties.say("  failed, seed \(seed): expected \(expected), found \(consumer.digest)")
            exit(1)
        }
        guard peak < LargeCase.memoryBytesMax else {
            Properties.say("  failed: more than \(LargeCase.memoryBytesMax >> 20) MB")
            exit(1)
        }
    }

    private func feed(
        _ chunk: [UInt8], _ gzip: GzipWriter?, isLast: Bool, _ decoder: inout StreamDecoder,
        _ consumer: inout DigestConsumer
    ) {
        let bytes = gzip.map { $0.write(chunk, isLast: isLast) } ?? chunk
        decoder.feed(bytes.span.bytes, to: &consumer)
    }

    private func peakMemoryBytes() -> Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return Int(usage.ru_maxrss) * 1024
    }
}

/// What came, in order, in a few bytes.
struct Digest: Equatable {
    private(set) var events = 0
    private(set) var rejections = 0
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ outcome: Outcome) {
        switch outcome {
        case .event(_, let time, let fields):
            events += 1
            add(UInt64(bitPattern: time.nanoseconds))
            for field in fields { for byte in field.utf8 { add(UInt64(byte)) } }
        case .rejected(let bytes):
            rejections += 1
            addMore(bytes)
        }
    }

    /// More bytes of the rejection before.
    mutating func addMore(_ bytes: [UInt8]) {
        for byte in bytes { add(UInt64(byte)) }
    }

    private mutating func add(_ value: UInt64) {
        hash = (hash ^ value) &* 0x100_0000_01B3
    }
}

struct DigestConsumer: ~Copyable, EventConsumer {
    private(set) var digest = Digest()

    mutating func consume(_ batch: borrowing EventBatch, payload: RawSpan) {
        var outcomes = Outcomes()
        outcomes.consume(batch, payload: payload)
        for outcome in outcomes.all { digest.add(outcome) }
    }

    mutating func reject(_ rejection: borrowing Rejection) {
        let bytes = rejection.original.withUnsafeBytes { [UInt8]($0) }
        if rejection.part.beginsRecord { digest.add(.rejected(bytes)) } else { digest.addMore(bytes) }
    }
}
