import Decoding
import Statistics
import TelemetryModel
import Testing

/// The decoder against a parser that splits strings: the same rows and the same lines refused, on lines made and mutated at random.
@Suite struct FlowLogDifferentialTests {
    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func decoderAgreesWithASplittingParser(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var message: [UInt8] = []
        var expected: [PlainParse] = []
        for line in 0..<50_000 {
            var bytes = randomLine(using: &random)
            for _ in 0..<Int.random(in: 0...3, using: &random) where Bool.random(using: &random) {
                mutate(&bytes, using: &random)
            }
            expected += plainParse(bytes)
            message += bytes
            message.append(0x0A)
            // Messages of many sizes, so that lines meet the start and the end of the bytes at every distance.
            guard line % 50_000 == 49_999 || Int.random(in: 0..<20, using: &random) == 0 else { continue }
            if Bool.random(using: &random) { message.removeLast() }
            let records = try decodeFlowLog(message)
            let found = records.map { record in
                record.reason == nil ? PlainParse.event(record.fields) : .rejected
            }
            guard found == expected else {
                Issue.record(
                    "seed \(seed): \(String(decoding: message, as: UTF8.self).debugDescription): \(found) is not \(expected)"
                )
                return
            }
            message.removeAll()
            expected.removeAll()
        }
    }
}

private enum PlainParse: Equatable, CustomStringConvertible {
    case event([String: PlainValue])
    case rejected

    var description: String {
        switch self {
        case .event(let fields): "\(fields.sorted { $0.key < $1.key })"
        case .rejected: "rejected"
        }
    }
}

/// A mutation may make a line of two lines or of none.
private func plainParse(_ bytes: [UInt8]) -> [PlainParse] {
    bytes.split(separator: 0x0A, omittingEmptySubsequences: false).compactMap { plainParseLine(Array($0)) }
}

private func plainParseLine(_ line: [UInt8]) -> PlainParse? {
    var line = line
    if line.last == 0x0D { line.removeLast() }
    let words = line.split(separator: 0x20)
    if words.isEmpty { return nil }
    guard words.count == 14, !line.contains(where: { $0 < 0x20 }) else { return .rejected }
    var fields: [String: PlainValue] = [:]
    for (field, word) in zip(FlowLogField.defaultFields, words) {
        guard let text = String(validating: word, as: UTF8.self) else { return .rejected }
        if text == "-" { continue }
        switch field.valueType {
        case .integer:
            guard word.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(text), value <= field.maximum
            else {
                return .rejected
            }
            fields[field.rawValue] = .integer(value)
        case .address:
            guard isPlainAddress(text) else { return .rejected }
            fields[field.rawValue] = .text(text)
        case .text:
            if field == .action, !["ACCEPT", "REJECT"].contains(text) { return .rejected }
            if field == .logStatus, !["OK", "NODATA", "SKIPDATA"].contains(text) { return .rejected }
            fields[field.rawValue] = .text(text)
        }
    }
    // 0 says as little as a missing field, and a time in 1970 is none.
    var seconds: Int64 = 0
    for name in ["end", "start"] {
        if case .integer(let value) = fields[name], value > 0 { seconds = value }
    }
    guard seconds >= 31_536_000, Timestamp(seconds: seconds) != nil else { return .rejected }
    return .event(fields)
}

func isPlainAddress(_ text: String) -> Bool {
    isPlainIPv4(text) || isPlainIPv6(text)
}

private func isPlainIPv4(_ text: String) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
        && parts.allSatisfy { part in
            guard let value = UInt8(part) else { return false }
            return String(value) == part
        }
}

private func isPlainIPv6(_ text: String) -> Bool {
    func groups(_ part: Substring, last: Bool) -> Int? {
        if part.isEmpty { return 0 }
        let words = part.split(separator: ":", omittingEmptySubsequences: false)
        var count = 0
        for (index, word) in words.enumerated() {
            if last, index == words.count - 1, word.contains(".") {
                guard isPlainIPv4(String(word)) else { return nil }
                count += 2
            } else {
                guard (1...4).contains(word.utf8.count),
                    word.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit })
                else { return nil }
                count += 1
            }
        }
        return count
    }
    var halves: [Substring] = [text[...]]
    if let gap = text.firstRange(ofDoubleColon: ()) {
        halves = [text[..<gap], text[text.index(gap, offsetBy: 2)...]]
    }
    if halves.count == 1 { return groups(halves[0], last: true) == 8 }
    guard let head = groups(halves[0], last: false), let tail = groups(halves[1], last: true) else { return false }
    return head + tail <= 7
}

extension String {
    fileprivate func firstRange(ofDoubleColon: Void) -> Index? {
        indices.first { self[$0] == ":" && index(after: $0) < endIndex && self[index(after: $0)] == ":" }
    }
}

private func randomLine(using random: inout SeededGenerator) -> [UInt8] {
    func pick(_ choices: [String]) -> String { choices.randomElement(using: &random) ?? "" }
    func number(_ bits: ClosedRange<Int>) -> String {
        let width = Int.random(in: bits, using: &random)
        return String(random.next() >> UInt64(64 - width))
    }
    var words = [
        pick(["2", "3", "11"]), pick(["123456789012", "unknown", "-"]), "eni-" + pick(["0a", "0123456789abcdef0"]),
        randomAddress(using: &random), randomAddress(using: &random), number(1...17), number(1...16), number(1...8),
        number(1...64), number(1...63), String(1_700_000_000 + random.next() % 1000), number(1...40),
        pick(["ACCEPT", "REJECT", "-", "ACCEPTED", "accept"]), pick(["OK", "NODATA", "SKIPDATA", "KO", "OKAY"]),
    ]
    if Int.random(in: 0..<20, using: &random) == 0 { for index in 3...9 { words[index] = "-" } }
    if Int.random(in: 0..<30, using: &random) == 0 { words.remove(at: Int.random(in: 0..<14, using: &random)) }
    if Int.random(in: 0..<30, using: &random) == 0 { words.insert("7", at: Int.random(in: 0..<14, using: &random)) }
    return Array(words.joined(separator: pick([" ", " ", " ", "  "])).utf8) + Array(pick(["", "", "\r", " "]).utf8)
}

private func randomAddress(using random: inout SeededGenerator) -> String {
    switch Int.random(in: 0..<6, using: &random) {
    case 0...2:
        return (0..<4).map { _ in String(Int.random(in: 0...(Bool.random(using: &random) ? 255 : 270), using: &random))
        }
        .joined(separator: ".")
    case 3:
        return (0..<8).map { _ in String(UInt16.random(in: 0...65535, using: &random), radix: 16) }.joined(
            separator: ":")
    case 4:
        return [
            "::", "::1", "fe80::1:2", "2001:db8::", "::ffff:10.0.0.1", "1:2:3:4:5:6:7::", "1::8:9:a:b:c:d:e", ":::",
            "1::2::3",
        ]
        .randomElement(using: &random) ?? ""
    default:
        return "-"
    }
}

private func mutate(_ bytes: inout [UInt8], using random: inout SeededGenerator) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let alphabet: [UInt8] = Array(" 0123456789.:-aAf\n\r\t".utf8) + [0x00, 0xFF, 0xC3, 0xA9, 0x80, 0x7F, 0xBA]
    let byte = alphabet.randomElement(using: &random) ?? 0
    switch Int.random(in: 0..<3, using: &random) {
    case 0: bytes[place] = byte
    case 1: bytes.insert(byte, at: place)
    default: bytes.remove(at: place)
    }
}
