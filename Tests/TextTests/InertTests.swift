import Testing

import Text

@Suite("Text from outside, for each kind of output")
struct InertTests {
    /// Each of these does something to a terminal, or to how text is laid out.
    private static let active: [Unicode.Scalar] =
        (0..<0x20).map { Unicode.Scalar($0)! } + (0x7F..<0xA0).map { Unicode.Scalar($0)! } + [
            "\u{AD}", "\u{61C}", "\u{200B}", "\u{200C}", "\u{200D}", "\u{200E}", "\u{2028}", "\u{2029}", "\u{202A}",
            "\u{202E}", "\u{2060}",
            "\u{2066}", "\u{2069}", "\u{FEFF}", "\u{FFF9}", "\u{E0041}",
        ]

    @Test(arguments: ["", "orders", "Zoë → 日本語 👩🚀", "tabs are \\t, quotes \""])
    func whatCanBeReadStaysOnItsLine(text: String) {
        #expect(Inert.line(text) == text)
        #expect(Inert.blanked(text) == text)
    }

    @Test(arguments: [
        ("\u{1B}[2J\u{1B}]0;title\u{07}", #"\u{1B}[2J\u{1B}]0;title\u{07}"#), ("a\nb\r\tc", #"a\nb\r\tc"#),
        ("\u{9B}31m", #"\u{009B}31m"#), ("\u{7F}", #"\u{7F}"#), ("\u{202E}moc.live", #"\u{202E}moc.live"#),
        ("a\u{2028}b", #"a\u{2028}b"#), ("a\u{200B}b\u{200D}", #"a\u{200B}b\u{200D}"#),
    ])
    func whatMovesATerminalIsShownAsItsEscape(text: String, shown: String) {
        #expect(Inert.line(text) == shown)
    }

    @Test func noActiveCharacterIsLeftByAnyKind() {
        for scalar in InertTests.active {
            #expect(scalar.isActive, "U+\(String(scalar.value, radix: 16))")
            let text = "a\(scalar)b"
            for made in [
                Inert.line(text), Inert.blanked(text), Inert.csv(text), Inert.markdown(text), Inert.html(text),
                Inert.sentence(text),
                Inert.metricLabel(text),
            ] {
                let isActive = made.unicodeScalars.contains { $0.isActive }
                #expect(!isActive, "U+\(String(scalar.value, radix: 16)): \(made)")
            }
        }
        for scalar in "aZ ~é日👩\u{A0}".unicodeScalars { #expect(!scalar.isActive) }
    }

    @Test(arguments: [
        ("", "\"\""), ("orders", "orders"), ("a,b", "\"a,b\""), ("a\"b", "\"a\"\"b\""), ("=1+1", "'=1+1"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-a", "'-a"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", #"\t=1"#), ("\r=1", #"\r=1"#), ("\n=1", #"\n=1"#),
        ("  =1", "'  =1"),
        ("＝1", "'＝1"), ("＋1", "'＋1"), ("－1", "'－1"), ("＠a", "'＠a"), ("=\"a\",b", "\"'=\"\"a\"\",b\""),
        ("a;=1", "a;'=1"), ("a|=1", "a|'=1"), ("a,=1", "\"a,'=1\""), ("a;b", "a;b"), ("a;\"=1", "\"a;\"\"'=1\""),
        // What computes nothing.
        ("-", "-"), ("+", "+"), ("-5", "-5"), ("+49123", "+49123"), ("-1.5e+3", "-1.5e+3"), ("-1.", "'-1."),
        ("-1e", "'-1e"),
        ("a-b=c", "a-b=c"),
        ("https://a/?b=c", "https://a/?b=c"), ("{\"a\":\"-b\"}", "\"{\"\"a\"\":\"\"-b\"\"}\""),
    ])
    func cellsComputeNothing(text: String, cell: String) {
        #expect(Inert.csv(text) == cell)
        #expect(!Inert.isPlainCell(text.utf8) || text == cell)
    }

    @Test(arguments: [
        ("shop-availability", "shop-availability"),
        (
            "a|b <c> *d* _e_ `f` [g](h) &amp; ~~i~~ $j$ k\\",
            #"a\|b \<c\> \*d\* \_e\_ \`f\` \[g\](h) \&amp; \~\~i\~\~ \$j\$ k\\"#
        ),
        ("# a", "`#` a"), ("- a", #"\- a"#), ("+ a", #"\+ a"#), ("-5%", "-5%"), ("---", #"\---"#), ("99.5%", "99.5%"),
        ("===", #"\==="#), ("12. a", #"12\. a"#),
        ("1) a", #"1\) a"#), ("    code", "code"),
        ("@team a@b.example ##1", "`@`team a`@`b.example `##`1"), ("http://a", #"http\://a"#), ("WWW.a", #"WWW\.a"#),
        ("a: 1.5", "a: 1.5"),
    ])
    func markdownMarksNothingUp(text: String, shown: String) {
        #expect(Inert.markdown(text) == shown)
    }

    @Test func htmlIsText() {
        #expect(Inert.html("<a b=\"c\" d='e'>&") == "&lt;a b=&quot;c&quot; d=&#39;e&#39;&gt;&amp;")
    }

    @Test(arguments: [
        ("calls by curl/8.5 (a@b.example)", "calls by curl/8.5 (a@b.example)"),
        ("<!channel> <@U1> <http://a|b>", "‹!channel› ‹＠U1› ‹http[:]//a|b›"),
        ("[a](http://b) ![c](d)", "[a] (http[:]//b) ![c] (d)"), ("@here (@all", "＠here (＠all"),
        ("www.a.example", "www[.]a.example"),
        ("www.(x)", "www[.] (x)"), ("[a][b]", "[a] [b]"), ("a\r\nb\u{202E}c", "a  b\u{FFFD}c"),
    ])
    func sentencesCallNobodyAndLeadNowhere(text: String, shown: String) {
        #expect(Inert.sentence(text) == shown)
    }

    @Test func labelsOfMetricsAreOneLine() {
        #expect(Inert.metricLabel("a\"b\\c\nd\u{1B}") == #"a\"b\\c\\nd\\u{1B}"#)
    }
}
