import TelemetryModel
import Testing

@testable import Alerting

@Suite struct AlertTransitionTests {
    @Test func bytesAreFixed() {
        #expect(
            String(decoding: burnRate().json, as: UTF8.self)
                == #"{"dedup_key":"slo/checkout/page/599269121ea6e25c6c9b666422a74a92d5e2ef969f782ea9bc5291a645e656c9","status":"open","#
                + #""severity":"critical","summary":"checkout: 20.5x the sustainable rate over 1h, "#
                + #"2 of 100 bad; the budget is gone in 25 h","reason":"The burn rate is 20.5 over 1h (2 of 100 bad) and 100 over 5m (1 of 10 bad), "#
                + #"both above 14.4, with a confidence of 0.999. 90 % of a whole window's budget is left.","source":"shop","component":"checkout","group":"shop","class":"burn_rate","#
                + #""time":"2026-11-20T10:05:00Z","opened_at":"2026-11-20T10:05:00Z","labels":{"alert":"page","#
                + #""objective":"checkout","service":"shop"},"details":{"budget_left":0.9,"confidence":0.999,"factor":14.4,"long":{"bad":2,"#
                + #""burn_rate":20.5,"good":98,"total":100,"window":"1h"},"short":{"bad":1,"burn_rate":100,"good":9,"#
                + #""total":10,"window":"5m"},"target":0.999,"time_to_exhaustion":"25h"},"links":[],"sources":[],"version":1}"#
        )
    }

    @Test(
        arguments: [
            "-0", "0.0", "1.50", "-12.25", "1e9", "1E+9", "0e-10", "12345678901234567890", "1.7976931348623157e+308",
        ])
    func numbersKeepTheirText(_ text: String) { #expect(AlertValue.number(text) == .decimal(text)) }

    @Test(
        arguments: [
            "", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e5", "1e", "1e+", "1e5.5", "--1", "1 ", " 1", "0x1", "inf",
            "nan", "1\u{301}", "\u{0661}", "1,5", "1_000", "1\n",
        ])
    func whatIsNoNumberIsText(_ text: String) { #expect(AlertValue.number(text) == .text(text)) }

    @Test func whatIsWrittenReadsBackAlike() throws {
        var alert = Alert(
            dedupKey: DedupKey(kind: "sigma", name: "Ünïcode"), severity: .info, status: .resolved,
            summary: "Quote \" and \\ and 🇩🇪", source: "", time: at(9), openedAt: at(8).advanced(by: 1))
        alert.kind = "k"
        alert.labels = ["snake_case": "a", "CamelCase": "b"]
        alert.annotations = ["runbook": "https://example.org"]
        alert.details = [
            "list": .list([.integer(.max), .integer(.min), .bool(true), .null, .text("1")]),
            "object": .object(["x_y": .number(0.1), "big": .number(1e300), "whole": .number(5.0)]),
            "past": .number(.infinity), "zero": .integer(0), "exact": .number("0.123456789012345678"),
        ]
        alert.links = [Alert.Link(href: "https://example.org/?a=b", text: "Runbook"), Alert.Link(href: "x")]
        let transition = AlertTransition(
            alert: alert, reason: "because",
            sources: [
                AlertSource(first: .file(name: "f.gz", record: 4), last: 9),
                AlertSource(first: .kafka(topic: "t", partition: 1, offset: 1 << 40, record: 0), last: 1 << 41),
                AlertSource(first: .kafka(topic: "t", partition: 1, offset: 0, record: 0), last: 3, incarnation: 2),
            ], sourcesLeftOut: 7)
        #expect(try AlertTransition(json: transition.json) == transition)
        #expect(try AlertTransition(json: burnRate().json) == burnRate())
    }

    /// A source as releases write it that know exact positions alone is one record, and they read the first one of ours.
    @Test func aSourceIsAPositionWithItsEnd() throws {
        let source = AlertSource(first: .kafka(topic: "t", partition: 1, offset: 5, record: 0), last: 90)
        var transition = burnRate()
        (transition.sources, transition.sourcesLeftOut) = ([source], 2)
        let text = String(decoding: transition.json, as: UTF8.self)
        #expect(
            text.contains(
                #""sources":[{"topic":"t","partition":1,"offset":5,"record":0,"last_offset":90}],"sources_left_out":2,"#
            ),
            "\(text)")
        let former = text.replacing(#","last_offset":90"#, with: "").replacing(#","sources_left_out":2"#, with: "")
        let read = try AlertTransition(json: Array(former.utf8))
        #expect(read.sources == [AlertSource(first: source.first, last: 5)] && read.sourcesLeftOut == 0)
    }

    @Test func sourcesAreShownShortly() {
        var transition = burnRate()
        #expect(transition.sourceLines.isEmpty)
        transition.sources = [
            AlertSource(first: .file(name: "a.json.gz", record: 0), last: 12),
            AlertSource(first: .kafka(topic: "orders", partition: 3, offset: 7, record: 0), last: 7),
        ]
        #expect(transition.sourceLines == ["a.json.gz, records 0 to 12", "orders/3, offset 7"])
        transition.sourcesLeftOut = 1
        #expect(transition.sourceLines.last == "and 1 more source")
        transition.sources = (0..<20).map {
            AlertSource(first: .kafka(topic: "orders", partition: $0, offset: 7, record: 0), last: 9)
        }
        transition.sourcesLeftOut = 1000
        #expect(transition.sourceLines.count == 6 && transition.sourceLines[4] == "orders/4, offsets 7 to 9")
        #expect(transition.sourceLines.last == "and 1,015 more sources")
    }

    @Test(arguments: [
        (#""status":"open""#, #""status":"closed""#), ("critical", "fatal"), ("2026-11-20T10:05:00Z", "soon"),
        (#""labels":{"#, #""labels":{"n":1,"#), (#","source":"shop""#, ""), ("slo/checkout", ""), ("}", ""),
        (#""sources":[]"#, #""sources":[{"record":1}]"#), (#""sources":[]"#, #""sources":[{"file":"f"}]"#),
        (#""links":[]"#, #""links":[{"text":"t"}]"#), (#""details":{"#, #""details":[{"#),
        (#""version":1}"#, #""version":1}}"#),
    ])
    func aRecordThatCannotBeIsRefused(part: String, replacement: String) throws {
        let text = String(decoding: burnRate().json, as: UTF8.self)
        let changed =
            part == "slo/checkout"
            ? text.replacing(burnRate().alert.dedupKey.text, with: "")
            : text.replacing(part, with: replacement, maxReplacements: 1)
        try #require(changed != text)
        #expect(throws: AlertRecordError.self) { try AlertTransition(json: Array(changed.utf8)) }
    }

    /// Whatever else a newer record lacks or has, its reader is told that it is newer.
    @Test(arguments: [#"{"version":9}"#, #"{"dedup_key":7,"version":9}"#, #"{"labels":null,"a":{},"version":9}"#])
    func aNewerRecordIsSaidToBeNewer(text: String) throws {
        do throws(AlertRecordError) {
            _ = try AlertTransition(json: Array(text.utf8))
            Issue.record("it was read")
        } catch {
            #expect("\(error)".contains("version 9"))
            guard case .newerVersion = error else { throw error }
        }
    }

    /// Decimal numbers keep their own text, whatever wrote them.
    @Test(arguments: [
        "0.10", "1.0", "1e+3", "0.1234567890123456789012345678901234567890", "12345678901234567890", "-0",
    ])
    func aNumberKeepsItsOwnText(number: String) throws {
        let text = String(decoding: burnRate().json, as: UTF8.self).replacing(
            #""factor":14.4"#, with: #""factor":\#(number)"#)
        let read = try AlertTransition(json: Array(text.utf8))
        #expect(String(decoding: read.json, as: UTF8.self) == text)
    }

    @Test(arguments: ["1.", "01", "-", "0x1", "1e", "nan", "", "1,2", "1 ", "+1"])
    func textThatIsNoNumberNeverBreaksTheRecord(text: String) {
        #expect(AlertValue.number(text) == .text(text))
    }

    @Test func summariesAreOneLineWithoutControlCharactersAndCutByCodePoints() {
        #expect(transition(summary: "a\nb\u{1B}[31mc\u{202E}d").alert.summary == "a b [31mc\u{FFFD}d")
        let flags = String(repeating: "🇩🇪", count: 600)
        let summary = transition(summary: flags).alert.summary
        // 511 whole flags of two code points and the ellipsis: half a flag is never shown.
        #expect(summary == String(repeating: "🇩🇪", count: 511) + "…")
        #expect(transition(summary: String(repeating: "x", count: 1024)).alert.summary.count == 1024)
        let one = "e" + String(repeating: "\u{301}", count: 3000)
        #expect(transition(summary: one).alert.summary.unicodeScalars.count == 1024)
    }
}
