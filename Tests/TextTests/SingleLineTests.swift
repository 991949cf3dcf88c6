import Testing

import Text

@Suite("Text on one line")
struct SingleLineTests {
    @Test(arguments: [
        "", "orders", "Zoë → 日本語 👩\u{200D}🚀", "tabs are \\t, quotes \"",
    ])
    func whatCanBeReadStays(text: String) {
        #expect(text.singleLine == text)
    }

    @Test(arguments: [
        ("\u{1B}[2J\u{1B}]0;title\u{07}", #"\u{1B}[2J\u{1B}]0;title\u{07}"#), ("a\nb\r\tc", #"a\nb\r\tc"#),
        ("\u{9B}31m", #"\u{009B}31m"#), ("\u{7F}", #"\u{7F}"#), ("\u{202E}moc.live", #"\u{202E}moc.live"#),
        ("a\u{2028}b", #"a\u{2028}b"#),
    ])
    func whatMovesATerminalIsShownAsItsEscape(text: String, shown: String) {
        #expect(text.singleLine == shown)
    }
}
