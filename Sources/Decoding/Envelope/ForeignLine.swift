import TelemetryModel
import Text

/// Telling lines of other logs, and text that is no log, from lines of flow logs.
struct ForeignLine: ~Escapable {
    private let text: RawSpan
    private let start: Int
    private let end: Int

    /// The line from `start` to `end`, its newline aside.
    @_lifetime(copy text)
    init(_ text: RawSpan, _ start: Int, _ end: Int) {
        self.text = text
        self.start = start
        self.end = end
    }

    /// A line of another AWS log, by its shape.
    var log: ForeignContent? {
        if byte(0) == 0x23 {
            return hasPrefix("#Version:") || hasPrefix("#Fields:") ? ForeignLine.cloudFront : nil
        }
        let first = word(0), second = word(1), third = word(2), fourth = word(3)
        if isDate(second), ForeignLine.balancerTypes.contains(where: { isWord(first, $0) }) {
            return ForeignContent(.accessLog, "an Application Load Balancer access log")
        }
        if isWord(first, "tls"), isDate(third) {
            return ForeignContent(.accessLog, "a Network Load Balancer access log")
        }
        if isDate(first) {
            if tabs >= 10 { return ForeignLine.cloudFront }
            if contains(third, 0x3A), contains(third, 0x2E), !third.isEmpty, quotes >= 2 {
                return ForeignContent(.accessLog, "a Classic Load Balancer access log")
            }
        }
        if isBracketedTime(third) { return ForeignContent(.accessLog, "an S3 server access log") }
        if isBracketedTime(fourth) { return ForeignContent(.accessLog, "a web server's access log") }
        return nil
    }

    /// Text that is no log: where a source begins with such a line.
    var prose: ForeignContent? {
        let first = byte(0)
        if first == 0x3C {
            if hasPrefix("<?xml") { return ForeignContent(.textFile, "an XML file") }
            if hasPrefix("<!DOCTYPE") || hasPrefix("<!doctype") || hasPrefix("<html") || hasPrefix("<HTML") {
                return ForeignContent(.textFile, "an HTML file")
            }
            return ForeignContent(.textFile, "a file of markup")
        }
        let isLetter = (first | 0x20) &- 0x61 < 26 || first >= 0x80
        guard isLetter || ForeignLine.marks.contains(first), !isLikeFlow else { return nil }
        if commas >= 2, word(1).isEmpty {
            return ForeignContent(.textFile, "a CSV file", "its columns are no flow log's")
        }
        return ForeignContent.plainText
    }

    /// Whether the line is prose to somebody who expects JSON: markup, or four words and more without a sign of JSON in them.
    /// What is shorter, or has quotes or braces, is a broken record.
    var isProseAmongJSON: Bool {
        if byte(0) == 0x3C { return true }
        for place in start..<end {
            let byte = text.byte(place)
            if byte == 0x22 || byte == 0x7B || byte == 0x7D { return false }
        }
        return wordCount >= 4
    }

    /// Whether the line may end a text: a JSON value, or a record of a flow log's version 2.
    var endsProse: Bool {
        var place = start
        while place < end, text.byte(place) == 0x20 || text.byte(place) == 0x09 { place += 1 }
        guard place < end else { return false }
        let first = text.byte(place)
        if first == 0x7B || first == 0x5B {
            let next = text.skippingWhiteSpace(from: place + 1)
            guard next < text.byteCount else { return true }
            let byte = text.byte(next)
            return first == 0x7B ? byte == 0x22 || byte == 0x7D : byte == 0x7B || byte == 0x5B
        }
        return wordCount == 14 && (first &- 0x30 < 10 || first == 0x2D)
    }

    var wordCount: Int {
        var count = 0
        var inWord = false
        for place in start..<end {
            let isBlank = text.byte(place) <= 0x20
            if !isBlank, !inWord { count += 1 }
            inWord = !isBlank
        }
        return count
    }

    // MARK: Parts

    private static let cloudFront = ForeignContent(.accessLog, "a CloudFront access log")
    private static let balancerTypes: [StaticString] = ["http", "https", "h2", "grpcs", "ws", "wss"]
    /// `#`, `*`, `=`, `_`, a backtick, `|`, `>`, `(`: how lines of Markdown and the like begin.
    private static let marks: [UInt8] = [0x23, 0x2A, 0x3D, 0x5F, 0x60, 0x7C, 0x3E, 0x28]

    /// Whether a word of it is one that only flow logs have: then it is a broken line of one.
    private var isLikeFlow: Bool {
        var index = 0
        while index < 64 {
            let part = word(index)
            if part.isEmpty { return false }
            if text.hasBytes(of: "eni-", at: part.lowerBound) { return true }
            for name in ["ACCEPT", "REJECT", "NODATA", "SKIPDATA"] as [StaticString] where isWord(part, name) {
                return true
            }
            index += 1
        }
        return false
    }

    private func byte(_ offset: Int) -> UInt8 {
        start + offset < end ? text.byte(start + offset) : 0
    }

    private func hasPrefix(_ prefix: StaticString) -> Bool {
        end - start >= prefix.utf8CodeUnitCount && text.hasBytes(of: prefix, at: start)
    }

    /// The word of that number, between blanks; empty when there are fewer.
    private func word(_ number: Int) -> Range<Int> {
        var place = start
        for index in 0...number {
            while place < end, text.byte(place) <= 0x20 { place += 1 }
            let begin = place
            while place < end, text.byte(place) > 0x20 { place += 1 }
            if index == number { return begin..<place }
        }
        return end..<end
    }

    private func isWord(_ range: Range<Int>, _ name: StaticString) -> Bool {
        range.count == name.utf8CodeUnitCount && text.hasBytes(of: name, at: range.lowerBound)
    }

    /// `2026-01-15`, alone or with a time behind it.
    private func isDate(_ range: Range<Int>) -> Bool {
        guard range.count >= 10 else { return false }
        return (0..<10).allSatisfy { index in
            let byte = text.byte(range.lowerBound + index)
            return index == 4 || index == 7 ? byte == 0x2D : byte &- 0x30 < 10
        }
    }

    /// `[06/Feb/2026:00:00:38`.
    private func isBracketedTime(_ range: Range<Int>) -> Bool {
        guard range.count >= 21, text.byte(range.lowerBound) == 0x5B else { return false }
        let start = range.lowerBound
        return text.byte(start + 3) == 0x2F && text.byte(start + 7) == 0x2F && text.byte(start + 12) == 0x3A
    }

    private func contains(_ range: Range<Int>, _ byte: UInt8) -> Bool {
        range.contains { text.byte($0) == byte }
    }

    private var tabs: Int { count(0x09) }
    private var commas: Int { count(0x2C) }
    private var quotes: Int { count(0x22) }

    private func count(_ byte: UInt8) -> Int {
        var count = 0
        for place in start..<end where text.byte(place) == byte { count += 1 }
        return count
    }
}
