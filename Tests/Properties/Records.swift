import Statistics
import TelemetryModel

/// How a metric is written as JSON.
enum MetricForm: CaseIterable {
    /// As a metric stream does.
    case stream
    /// A request of OTLP.
    case otlp
    /// What `aws cloudwatch get-metric-data` prints.
    case answers
}

/// Records of one kind, each with what it has to become.
struct RecordWriter {
    let kind: EventKind
    let form: MetricForm
    private var number = 0

    init(kind: EventKind, form: MetricForm = .stream) {
        self.kind = kind
        self.form = form
    }

    private static let start: Int64 = 1_768_467_600

    /// One record in the shortest text that it has. One in twenty is broken in a way that costs it alone, if `mayBreak`.
    mutating func next(_ random: inout SeededGenerator, mayBreak: Bool) -> (bytes: [UInt8], outcome: Outcome) {
        number += 1
        let seconds = RecordWriter.start + Int64(random.below(86_400))
        let time = Timestamp(nanoseconds: seconds * 1_000_000_000)
        let isBroken = mayBreak && random.chance(0.05)
        switch kind {
        case .cloudTrail: return trail(time, isBroken: isBroken, &random)
        case .vpcFlow:
            let line =
                "2 123456789012 eni-\(number) 10.0.0.\(random.below(256)) 203.0.113.9 \(random.below(65536)) 443 6 "
                + "\(random.below(100)) \(random.below(100_000)) \(seconds) \(seconds + 59) ACCEPT "
            let bytes = Array((isBroken ? line + "NO\u{1}" : line + "OK").utf8)
            return (bytes, isBroken ? .rejected(bytes) : .event(.vpcFlow, time, ["eni-\(number)", "OK"]))
        case .metric where form == .otlp:
            let bytes = Array(
                (#"{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"svc"}}]},"#
                    + #""scopeMetrics":[{"metrics":[{"name":"m\#(number)","gauge":{"dataPoints":[{"timeUnixNano":"#
                    + #""\#(seconds)000000000","asDouble":\#(random.below(1000)).25}]}}]}]}]}"#).utf8)
            return (bytes, .event(.metric, time, ["m\(number)", "svc"]))
        case .metric where form == .answers:
            let bytes = Array(
                (#"{"MetricDataResults":[{"Id":"a","Label":"m\#(number)","Timestamps":["\#(time)"],"#
                    + #""Values":[\#(random.below(1000)).5],"StatusCode":"Complete"}]}"#).utf8)
            return (bytes, .event(.metric, time, ["m\(number)", "absent"]))
        case .metric:
            let value = #"{"max":\#(random.below(100)).5,"min":-1e-2,"sum":\#(random.below(1000)),"count":3}"#
            let bytes = Array(
                (#"{"metric_stream_name":"s","account_id":"123456789012","region":"eu-west-1","namespace":"AWS/EC2","#
                    + #""metric_name":"m\#(number)","dimensions":{"InstanceId":"i-\#(random.below(99))"},"#
                    + #""timestamp":\#(seconds * 1000),"value":\#(isBroken ? "[1]" : value),"unit":"Count"}"#).utf8)
            return (bytes, isBroken ? .rejected(bytes) : .event(.metric, time, ["m\(number)", "AWS/EC2"]))
        }
    }

    private func trail(
        _ time: Timestamp, isBroken: Bool, _ random: inout SeededGenerator
    ) -> (bytes: [UInt8], outcome: Outcome) {
        let (note, means) = RecordWriter.note(&random)
        var stamp = "\(time)"
        // An escape in a time is legal.
        if random.chance(0.1) { stamp = stamp.replacing("-", with: "\\u002d") }
        var members = [
            #""eventVersion":"1.11""#, #""eventTime":"\#(stamp)""#, #""eventSource":"s3.amazonaws.com""#,
            #""eventName":"PutObject""#, #""userIdentity":{"type":"AssumedRole","sessionContext":{"attributes":{}}}"#,
            #""eventID":"e-\#(number)""#, #""requestParameters":{"note":"\#(note)","list":[1,true,null,{"a":[]}]}"#,
        ]
        if random.chance(0.3) { members.append(#""message":"PutObject by x""#) }
        if random.chance(0.2) { members.append(#""additionalEventData":{"n":1e400,"s":-0.5E+3}"#) }
        if random.chance(0.02) {
            members.append(#""serviceEventDetails":"\#(String(repeating: "x", count: random.below(30_000)))""#)
        }
        if random.chance(0.5) { for place in members.indices { members.swapAt(place, random.below(members.count)) } }
        if isBroken {
            switch random.below(3) {
            case 0: members.append("\"control\":\"a\u{1}b\"")
            case 1: members.append(#""word":nul"#)
            default: members.removeAll { $0.hasPrefix(#""eventTime""#) }
            }
        }
        let bytes = Array("{\(members.joined(separator: ","))}".utf8)
        return (bytes, isBroken ? .rejected(bytes) : .event(.cloudTrail, time, ["e-\(number)", means]))
    }

    /// Text with escapes, and what it means.
    private static func note(_ random: inout SeededGenerator) -> (written: String, means: String) {
        let parts = [
            ("a", "a"), ("\\n", "\n"), ("\\\"", "\""), ("\\\\", "\\"), ("\\/", "/"), ("\\u00e9", "é"), ("é", "é"),
            ("\\ud83d\\ude00", "😀"), ("😀", "😀"), ("\\ud83d", "\u{FFFD}"), ("\\udc00x", "\u{FFFD}x"), ("{", "{"),
            ("]", "]"), (",", ","), ("{\\\"eventTime\\\":1}", "{\"eventTime\":1}"), ("  ", "  "), ("\\u0000", "\0"),
        ]
        var (written, means) = ("", "")
        for _ in 0..<random.below(8) {
            let part = random.pick(parts)
            // A second half right after a first one would be a pair.
            if part.0.hasPrefix("\\udc"), written.hasSuffix("\\ud83d") { continue }
            written += part.0
            means += part.1
        }
        return (written, means)
    }
}

/// Ways to write one JSON text that mean the same.
enum Spelling {
    /// Puts white space, line breaks too, between tokens.
    static func spread(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        let chance = random.pick([0.02, 0.3, 1])
        var output: [UInt8] = []
        var isInString = false
        var isEscaped = false
        for byte in bytes {
            if isInString {
                output.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == 0x5C {
                    isEscaped = true
                } else if byte == 0x22 {
                    isInString = false
                }
                continue
            }
            let isMark = [0x7B, 0x7D, 0x5B, 0x5D, 0x2C, 0x3A].contains(byte)
            if isMark, !output.isEmpty { space(chance, &output, &random) }
            output.append(byte)
            isInString = byte == 0x22
            if isMark { space(chance, &output, &random) }
        }
        // What stands behind the last bracket is not the text's.
        while let last = output.last, last == 0x20 || last == 0x0A || last == 0x0D || last == 0x09 {
            output.removeLast()
        }
        return output
    }

    private static func space(_ chance: Double, _ output: inout [UInt8], _ random: inout SeededGenerator) {
        guard random.chance(chance) else { return }
        output += Array(random.pick([" ", "\n", "\r\n", "\t", "  ", "\n\n", "\n    "]).utf8)
    }

    /// A JSON string that means these bytes. With `isRich`, some characters are escaped that need not be.
    static func string(_ bytes: [UInt8], isRich: Bool = false) -> [UInt8] {
        var output: [UInt8] = [0x22]
        for byte in bytes {
            switch byte {
            case 0x22, 0x5C: output += [0x5C, byte]
            case 0x0A: output += Array("\\n".utf8)
            case 0..<0x20: output += Array("\\u00\(byte < 16 ? "0" : "1")\(String(byte & 15, radix: 16))".utf8)
            case 0x2F where isRich: output += Array("\\/".utf8)
            case 0x65 where isRich: output += Array("\\u0065".utf8)
            default: output.append(byte)
            }
        }
        return output + [0x22]
    }
}
