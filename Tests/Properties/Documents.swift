import Decoding
import Foundation
import Statistics
import TelemetryModel
import TestSupport

/// A file or message, and what has to come of it.
struct Document {
    var bytes: [UInt8]
    var expected: [Outcome]
    var format: InputFormat
    var limits: DecodingLimits
    /// How it was written, for a failure's message.
    var story: String
}

/// Writes records in some legal way: broken into lines, glued, wrapped, compressed.
struct DocumentWriter {
    private var random: SeededGenerator
    private var story: [String] = []

    /// Some records in a row, as text or as what wraps it.
    private struct Piece {
        var bytes: [UInt8]
        /// Whether it is JSON, so that another may follow it without a line break.
        var isJSON: Bool
    }

    init(random: SeededGenerator) {
        self.random = random
    }

    mutating func document(bytesMin: Int) -> Document {
        random.chance(0.1) ? binaryDocument(bytesMin: bytesMin) : textDocument(bytesMin: bytesMin)
    }

    /// Protobuf stands in files and messages alone, or as base64.
    private mutating func binaryDocument(bytesMin: Int) -> Document {
        let records = BinaryRecords(bytesMin: bytesMin, &random)
        var bytes = records.bytes
        story = ["\(records.expected.count) \(records.format.rawValue)"]
        if random.chance(0.5) {
            story.append("gzip")
            bytes = compress(bytes)
        }
        if random.chance(0.5) {
            let isFirehose = random.chance(0.5)
            story.append(isFirehose ? "firehose" : "kinesis")
            let record =
                isFirehose
                ? [("data", data(bytes))]
                : [
                    ("kinesis", object([("data", data(bytes))]).bytes), ("eventSource", Array("\"aws:kinesis\"".utf8)),
                ]
            bytes = object([(isFirehose ? "records" : "Records", array([object(record).bytes]))]).bytes
            if random.chance(0.3) { bytes = compress(bytes) }
        }
        return Document(
            bytes: bytes, expected: records.expected, format: records.format, limits: DecodingLimits(),
            story: story.joined(separator: ", "))
    }

    private mutating func textDocument(bytesMin: Int) -> Document {
        let kind = random.pick([EventKind.cloudTrail, .cloudTrail, .vpcFlow, .metric])
        let form = kind == .metric ? random.pick(MetricForm.allCases) : .stream
        var writer = RecordWriter(kind: kind, form: form)
        var expected: [Outcome] = []
        var pieces: [Piece] = []
        var size = 0
        // What is broken in the other forms is less than the document.
        let mayBreak = form == .stream && random.chance(0.3)
        let spreads = kind != .vpcFlow && random.chance(0.5)
        repeat {
            let record = writer.next(&random, mayBreak: mayBreak)
            var bytes = record.bytes
            var outcome = record.outcome
            if spreads {
                bytes = Spelling.spread(bytes, &random)
                if case .rejected = outcome { outcome = .rejected(bytes) }
            }
            pieces.append(Piece(bytes: bytes, isJSON: kind != .vpcFlow))
            expected.append(outcome)
            size += bytes.count
        } while size < bytesMin
        story = ["\(expected.count) \(kind)" + (form == .stream ? "" : " as \(form)") + (spreads ? " spread" : "")]
        wrap(&pieces, kind: kind, mayBreak: mayBreak)
        var bytes = join(pieces, kind: kind)
        if random.chance(0.05) {
            story.append("byte order mark")
            bytes = [0xEF, 0xBB, 0xBF] + bytes
        }
        for _ in 0..<random.below(3) where random.chance(0.4) {
            story.append("gzip")
            bytes = compress(bytes)
        }
        if random.chance(0.1), bytes.starts(with: [0x1F, 0x8B]) {
            story.append("base64")
            bytes = Array(Data(bytes).base64EncodedString().utf8)
        }
        let format: InputFormat =
            switch kind {
            case .cloudTrail: .cloudTrail
            case .vpcFlow: .vpcFlow
            case .metric: form == .otlp ? .otlpJSON : .metricStreamJSON
            }
        return Document(
            bytes: bytes, expected: expected, format: format, limits: DecodingLimits(),
            story: story.joined(separator: ", "))
    }

    // MARK: Wrapping

    private mutating func wrap(_ pieces: inout [Piece], kind: EventKind, mayBreak: Bool) {
        for level in 0..<random.below(4) {
            let choices =
                [
                    "subscription", "lambda", "firehose", "kinesis", "notification", "queue", "queueLambda",
                    "topicLambda",
                ]
                + (level == 0 && kind == .vpcFlow ? ["line"] : [])
                // What is no JSON costs the object that it stands in.
                + (level == 0 && kind != .vpcFlow && !mayBreak ? ["eventBridge"] : [])
                + (level == 0 && kind == .cloudTrail ? ["lookup", "records"] : [])
            let choice = random.pick(choices)
            story.append(choice)
            pieces = wrapped(pieces, in: choice, kind: kind)
        }
    }

    private mutating func wrapped(_ pieces: [Piece], in envelope: String, kind: EventKind) -> [Piece] {
        switch envelope {
        case "eventBridge":
            return pieces.map { piece in
                object([
                    ("version", Array("\"0\"".utf8)), ("detail-type", Array("\"AWS API Call via CloudTrail\"".utf8)),
                    ("source", Array("\"aws.s3\"".utf8)), ("detail", piece.bytes),
                ])
            }
        case "line": return pieces.map { object([("message", string($0.bytes))]) }
        case "notification":
            return groups(pieces, kind).map { text in
                object([
                    ("Type", Array("\"Notification\"".utf8)), ("TopicArn", Array("\"arn:aws:sns:t\"".utf8)),
                    ("Message", string(text)),
                ])
            }
        case "records", "lookup", "subscription", "lambda", "firehose", "kinesis", "queue", "queueLambda",
            "topicLambda":
            var documents: [Piece] = []
            var rest = pieces[...]
            while !rest.isEmpty {
                let part = Array(rest.prefix(1 + random.below(max(1, rest.count))))
                rest = rest.dropFirst(part.count)
                documents.append(list(part, in: envelope, kind: kind))
            }
            return documents
        default: return pieces
        }
    }

    /// One document with a list in it.
    private mutating func list(_ pieces: [Piece], in envelope: String, kind: EventKind) -> Piece {
        switch envelope {
        case "records":
            let array = array(pieces.map(\.bytes))
            return random.chance(0.3)
                ? object([("Records", array), ("more", Array("{\"a\":[1]}".utf8))]) : object([("Records", array)])
        case "lookup":
            let events = pieces.map {
                object([("EventId", Array("\"x\"".utf8)), ("CloudTrailEvent", string($0.bytes))]).bytes
            }
            return object([("Events", array(events))])
        case "subscription": return subscription(pieces)
        case "lambda":
            let data = Array(Data(compress(subscription(pieces).bytes)).base64EncodedString().utf8)
            return object([("awslogs", object([("data", [0x22] + data + [0x22])]).bytes)])
        case "queue":
            let messages = groups(pieces, kind).map {
                object([("MessageId", Array("\"m\"".utf8)), ("Body", string($0))]).bytes
            }
            return object([("Messages", array(messages))])
        case "queueLambda":
            let messages = groups(pieces, kind).map {
                object([("body", string($0)), ("eventSource", Array("\"aws:sqs\"".utf8))]).bytes
            }
            return object([("Records", array(messages))])
        case "topicLambda":
            let messages = groups(pieces, kind).map {
                object([("EventSource", Array("\"aws:sns\"".utf8)), ("Sns", object([("Message", string($0))]).bytes)])
                    .bytes
            }
            return object([("Records", array(messages))])
        case "kinesis":
            let records = groups(pieces, kind).map {
                object([
                    ("kinesis", object([("data", data($0))]).bytes), ("eventSource", Array("\"aws:kinesis\"".utf8)),
                ])
                .bytes
            }
            return object([("Records", array(records))])
        default:
            let records = groups(pieces, kind).map { object([("data", data($0))]).bytes }
            return object([
                ("requestId", Array("\"r\"".utf8)), ("timestamp", Array("1".utf8)), ("records", array(records)),
            ])
        }
    }

    private mutating func subscription(_ pieces: [Piece]) -> Piece {
        let events = pieces.map {
            object([
                ("id", Array("\"7\"".utf8)), ("timestamp", Array("1768467600000".utf8)), ("message", string($0.bytes)),
            ])
            .bytes
        }
        var members = [("messageType", Array("\"DATA_MESSAGE\"".utf8)), ("logGroup", Array("\"g\"".utf8))]
        members.insert(("logEvents", array(events)), at: random.below(members.count + 1))
        return object(members)
    }

    // MARK: Pieces of text

    /// The texts of some pieces each, joined.
    private mutating func groups(_ pieces: [Piece], _ kind: EventKind) -> [[UInt8]] {
        var texts: [[UInt8]] = []
        var rest = pieces[...]
        let most = 1 + random.below(5)
        while !rest.isEmpty {
            let part = Array(rest.prefix(1 + random.below(most)))
            rest = rest.dropFirst(part.count)
            var text = join(part, kind: kind)
            if random.chance(0.2) { text = compress(text) }
            // Only base64 carries bytes.
            texts.append(text.first == 0x1F ? Array(Data(text).base64EncodedString().utf8) : text)
        }
        return texts
    }

    private mutating func data(_ text: [UInt8]) -> [UInt8] {
        // Text that is base64 already would be so twice, which is read as well.
        let plain = Array(Data(random.chance(0.3) ? compress(text) : text).base64EncodedString().utf8)
        guard random.chance(0.1) else { return [0x22] + plain + [0x22] }
        var broken: [UInt8] = []
        for (place, byte) in plain.enumerated() {
            broken.append(byte)
            if place % 76 == 75 { broken += Array("\\r\\n".utf8) }
        }
        if random.chance(0.5) { while broken.last == 0x3D { broken.removeLast() } }
        return [0x22] + broken + [0x22]
    }

    private mutating func join(_ pieces: [Piece], kind: EventKind) -> [UInt8] {
        let isJSON = pieces.allSatisfy(\.isJSON)
        if isJSON, random.chance(0.2) {
            return array(pieces.map(\.bytes))
        }
        let glue = random.pick(isJSON ? ["", "\n", " ", "\r\n", "\n\n", "\n \t", "\n\u{1E}"] : ["\n", "\r\n", "\n\n"])
        var bytes: [UInt8] = []
        for (index, piece) in pieces.enumerated() {
            if index > 0 { bytes += Array(glue.utf8) }
            bytes += piece.bytes
        }
        if random.chance(0.5) { bytes += Array(glue.utf8) }
        return bytes
    }

    private mutating func array(_ elements: [[UInt8]]) -> [UInt8] {
        let comma = Array(random.pick([",", ", ", ",\n", "\n,", "\r\n, \n"]).utf8)
        let edge = Array(random.pick(["", "\n", "  "]).utf8)
        return [0x5B] + edge + Array(elements.joined(separator: comma)) + edge + [0x5D]
    }

    private mutating func object(_ members: [(String, [UInt8])]) -> Piece {
        let blank = Array(random.pick(["", "", " ", "\n"]).utf8)
        var bytes: [UInt8] = [0x7B]
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            bytes += blank + Spelling.string(Array(member.0.utf8)) + blank + [0x3A] + blank + member.1 + blank
        }
        return Piece(bytes: bytes + [0x7D], isJSON: true)
    }

    private mutating func string(_ bytes: [UInt8]) -> [UInt8] {
        Spelling.string(bytes, isRich: random.chance(0.2))
    }

    /// gzip in one or more members.
    private mutating func compress(_ bytes: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var rest = bytes[...]
        let level = Int32(random.pick([0, 1, 6]))
        repeat {
            let part = random.chance(0.7) ? rest : rest.prefix(random.below(rest.count + 1))
            rest = rest.dropFirst(part.count)
            let writer = GzipWriter(level: level)
            output += writer.write(Array(part), isLast: true)
        } while !rest.isEmpty
        return output
    }
}
